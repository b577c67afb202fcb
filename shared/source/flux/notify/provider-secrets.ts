import { isObject } from '../../../kernel/json.ts';
import { type KeptSecret, keptKey, keptText } from '../written.ts';

/** What a provider is told by, and whether its Secret has it or the object itself. */
export interface ProviderSecrets {
  /** `namespace/name`. */
  readonly provider: string;
  /** `namespace/name`. */
  readonly secret: string;
  readonly address: string | undefined;
  readonly isAddressInSecret: boolean;
  readonly channel: string | undefined;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, unknown>> | undefined;
}

/** Where a secret of a setting has to be kept. What the object itself has is kept like what its Secret has. */
function keptIn(told: ProviderSecrets, value: string, setting: string): KeptSecret {
  const { provider, secret, headers = {} } = told;
  const [namespace, name] = provider.split('/');
  const inObject = (key: string): KeptSecret =>
    keptText(`${namespace}/provider-${name}`, key, `${key} of Provider ${provider}`);
  if (value === told.token) return keptKey(secret, 'token');
  if (value === told.address)
    return told.isAddressInSecret ? keptKey(secret, 'address') : inObject('address');
  if (value === told.channel) return inObject('channel');
  const header = Object.keys(headers).find((each) => {
    const given = headers[each];
    return isObject(given) && given['value'] === value;
  });
  return header === undefined
    ? inObject(setting)
    : keptText(secret, `headers.${header}`, `${header} of the headers of Secret ${secret}`);
}

/** Settings with each secret in its file. */
export function pointedSettings(
  settings: Readonly<Record<string, unknown>>,
  told: ProviderSecrets,
): { readonly pointed: Readonly<Record<string, unknown>>; readonly secrets: readonly KeptSecret[] } {
  const secrets: KeptSecret[] = [];
  const point = (value: unknown, setting: string): unknown => {
    if (!isObject(value)) return value;
    if (typeof value['value'] === 'string' && Object.keys(value).length === 1) {
      const kept = keptIn(told, value['value'], setting);
      secrets.push(kept);
      return { file: kept.file };
    }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, point(each, key)]));
  };
  const pointed = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, point(value, key)]),
  );
  return { pointed, secrets };
}
