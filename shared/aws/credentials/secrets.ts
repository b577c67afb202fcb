import { type Clock, steadyNow } from '../../clock.ts';
import type { CloudLocation, CloudSecrets } from '../../credentials/credential-entry.ts';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { isObject, parseJson } from '../../kernel/json.ts';
import type { JsonCall, JsonClient } from '../request/json.ts';
import { credentialFailure } from './credential-failure.ts';

/** A rotated secret is seen within it, without a deploy. */
export const SECRET_TTL_MS = 60_000;
/** A failure is told again for so long: every webhook, whoever sends it, has the secrets of all receivers read. */
export const SECRET_FAILURE_MS = 5_000;
/** How long one that was read is used where it cannot be asked for: senders of webhooks are not turned away for it. */
export const SECRET_KEPT_MS = 60 * 60_000;

const nameOf = (location: CloudLocation): string =>
  'ssm' in location ? `SSM parameter ${location.ssm}` : `secret ${location.secretsManager}`;

const unreadable = (location: CloudLocation, why: string): LandfallError =>
  new LandfallError('CREDENTIAL_UNREADABLE', `${nameOf(location)} ${why}`);

/** The region an ARN is of; a name is of this region. */
const regionOf = (text: string): { readonly region?: string } => {
  const region = text.startsWith('arn:') ? text.split(':')[3] : undefined;
  return region === undefined || region === '' ? {} : { region };
};

type Answer = Readonly<Record<string, unknown>>;

const callOf = (location: CloudLocation): JsonCall =>
  'ssm' in location
    ? {
        service: 'ssm',
        target: 'AmazonSSM.GetParameter',
        input: { Name: location.ssm, WithDecryption: true },
        ...regionOf(location.ssm),
      }
    : {
        service: 'secretsmanager',
        target: 'secretsmanager.GetSecretValue',
        input: { SecretId: location.secretsManager },
        ...regionOf(location.secretsManager),
      };

const textOf = (answer: Answer, location: CloudLocation): string => {
  const parameter = answer['Parameter'] as { readonly Value?: unknown } | undefined;
  const text = 'ssm' in location ? parameter?.Value : answer['SecretString'];
  if (typeof text === 'string') return text;
  throw unreadable(location, 'is binary, or has no value');
};

/** One field of a secret that is JSON, as the console and rotation make them. */
function fieldOf(text: string, location: CloudLocation): string {
  if (!('key' in location) || location.key === undefined) return text;
  const parsed = parseJson(text);
  if (!parsed.ok) throw unreadable(location, `is not JSON, so it has no ${JSON.stringify(location.key)}`);
  const { value } = parsed;
  const field = isObject(value) && Object.hasOwn(value, location.key) ? value[location.key] : undefined;
  if (typeof field === 'string') return field;
  throw unreadable(location, `has no text under ${JSON.stringify(location.key)}`);
}

interface Kept {
  readonly text: Promise<string>;
  /** Until when it is told without asking; milliseconds since the epoch. */
  until: number;
  /** When what is told was read. */
  readAt: number;
}

const willPass = (error: unknown): boolean => isLandfallError(error) && error.kind === 'transient';

/** Secrets of Secrets Manager and SSM, each read once in a while however many ask, and however it ended. */
export function cloudSecrets({
  client,
  clock,
}: {
  readonly client: JsonClient;
  readonly clock: Clock;
}): CloudSecrets {
  const kept = new Map<string, Kept>();

  async function read(location: CloudLocation): Promise<string> {
    const answer = await client.call(callOf(location)).catch((error: unknown) => {
      throw credentialFailure(`${nameOf(location)} cannot be read`, error);
    });
    return textOf(answer, location);
  }

  /** Asks now; a failure that passes leaves what was known before. */
  function renew(location: CloudLocation, before: Kept | undefined): Kept {
    const text = read(location).catch((error: unknown) => {
      keeping.until = steadyNow(clock) + SECRET_FAILURE_MS;
      keeping.readAt = before?.readAt ?? Number.NEGATIVE_INFINITY;
      const isKnown = before !== undefined && steadyNow(clock) < before.readAt + SECRET_KEPT_MS;
      if (isKnown && willPass(error)) return before.text;
      throw error;
    });
    const now = steadyNow(clock);
    const keeping: Kept = { text, until: now + SECRET_TTL_MS, readAt: now };
    return keeping;
  }

  return {
    read: async (location) => {
      const key = 'ssm' in location ? `ssm ${location.ssm}` : `secret ${location.secretsManager}`;
      const known = kept.get(key);
      const current = known !== undefined && steadyNow(clock) < known.until ? known : renew(location, known);
      kept.set(key, current);
      return fieldOf(await current.text, location);
    },
  };
}
