import type { SecretLocation } from '../credentials/credential-entry.ts';
import { formatLocation } from '../credentials/secret.ts';
import { isObject } from '../kernel/json.ts';
import type { NotifyEntry } from './notify-entry.ts';
import { emailSettings, mailPlace } from './providers/email.ts';

const KINDS: readonly string[] = ['env', 'file', 'value', 'secretsManager', 'ssm'];

const isLocation = (value: unknown): value is SecretLocation =>
  isObject(value) && Object.keys(value).some((key) => KINDS.includes(key));

/** Where an entry sends to that does not say so. */
const DEFAULTS: Readonly<Record<string, string>> = {
  slack: 'https://slack.com',
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com',
  pagerduty: 'https://events.pagerduty.com',
};

type Of = Pick<NotifyEntry, 'type' | 'settings'>;

/** Every secret that an entry names, by the key that it is under: `headers.Authorization`. */
export function entrySecrets({
  settings: { headers, ...own },
}: Of): readonly (readonly [key: string, location: SecretLocation])[] {
  const within = isObject(headers) ? Object.entries(headers) : [];
  const all = [...Object.entries(own), ...within.map(([name, value]) => [`headers.${name}`, value] as const)];
  return all.flatMap(([key, value]) => (isLocation(value) ? [[key, value] as const] : []));
}

/** Where an entry sends its secrets to, as `PlacedSecret` has it. */
export function entryPlaces({ type, settings }: Of): readonly string[] {
  const { url } = settings;
  if (type === 'email') return [mailPlace(emailSettings.parse(settings))];
  if (isLocation(url)) return [formatLocation(url)];
  const place = typeof url === 'string' ? URL.parse(url)?.origin : DEFAULTS[type];
  return place === undefined ? [] : [place];
}
