import type { Stack } from 'aws-cdk-lib';
import { NOTIFY_VARIABLE } from '../../functions/lambda/work/notify-bindings.ts';
import { isCloud } from '../../shared/credentials/secret.ts';
import { LandfallError } from '../../shared/errors.ts';
import { entryPlaces, entrySecrets } from '../../shared/notify/entry-secrets.ts';
import type { PlacedSecret } from '../../shared/notify/secret-places.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { jsonVariable } from '../function/json-variable.ts';
import type { NotifyReach, PlacedNotifySecret } from '../landfall-props.ts';

const MAIL = /^smtps?:\/\/[A-Za-z0-9.-]+:\d{1,5}$/;

/** `api.github.com` is `https://api.github.com`. @throws LandfallError CONFIG_INVALID */
function placeOf(text: string): string {
  if (MAIL.test(text)) return text;
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '')
    return url.origin;
  throw new LandfallError('CONFIG_INVALID', `reach.notify: ${JSON.stringify(text)} is no place`, {
    hint: 'Write api.github.com, http://gitea.internal:3000, or of a mail server smtps://mail.example:587.',
  });
}

/** What stands in documents of the stack its author wants: a secret goes where they send it. */
const placedByStack = ({ notify }: Configuration): readonly PlacedSecret[] =>
  notify.flatMap((entry) => {
    const to = entryPlaces(entry);
    return entrySecrets(entry).flatMap(([, location]): readonly PlacedSecret[] => {
      if (!isCloud(location)) return [];
      if ('ssm' in location) return [{ ssm: [location.ssm], to }];
      return [{ secretsManager: [location.secretsManager], to }];
    });
  });

const isPlaced = (given: PlacedNotifySecret | string): given is PlacedNotifySecret =>
  typeof given !== 'string';

const placed =
  (service: 'secretsManager' | 'ssm') =>
  ({ secret, to }: PlacedNotifySecret): PlacedSecret => ({ [service]: [secret], to: to.map(placeOf) });

/** Those that go to the same places in one, to keep the variable short. */
function joined(all: readonly PlacedSecret[]): readonly PlacedSecret[] {
  const byPlaces = new Map<string, { to: readonly string[]; secretsManager: string[]; ssm: string[] }>();
  for (const { to, secretsManager = [], ssm = [] } of all) {
    const key = to.join(' ');
    const known = byPlaces.get(key) ?? { to, secretsManager: [], ssm: [] };
    known.secretsManager.push(...secretsManager.filter((name) => !known.secretsManager.includes(name)));
    known.ssm.push(...ssm.filter((name) => !known.ssm.includes(name)));
    byPlaces.set(key, known);
  }
  return [...byPlaces.values()].map(({ to, secretsManager, ssm }) => ({
    ...(secretsManager.length > 0 && { secretsManager }),
    ...(ssm.length > 0 && { ssm }),
    to,
  }));
}

/**
 * What `notify` is told of where secrets may go: what the documents of the stack say, and `reach`.
 * @throws LandfallError CONFIG_INVALID where it is more than a function can be told
 */
export function placedSecretsIn(
  stack: Stack,
  configuration: Configuration,
  { secrets = [], parameters = [] }: NotifyReach = {},
): Readonly<Record<string, string>> {
  const all = joined([
    ...placedByStack(configuration),
    ...secrets.filter(isPlaced).map(placed('secretsManager')),
    ...parameters.filter(isPlaced).map(placed('ssm')),
  ]);
  return jsonVariable(stack, [NOTIFY_VARIABLE, all], {
    what: 'secrets of notify and where they go',
    hint: "Name secrets that go to one place alike, and place them once under reach.notify: { secret: 'landfall/github/*', to: ['api.github.com'] }.",
  });
}
