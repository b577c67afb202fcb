import { parse } from 'yaml';
import * as z from 'zod';
import { isObject } from '../../../kernel/json.ts';
import { FLUX_TYPE_CHARACTERS, NOTIFY_CHANNEL_CHARACTERS } from '../../../limits.ts';
import type { ReadObject } from '../mapped-object.ts';
import { fluxObject } from '../schema.ts';
import { type FluxSecrets, malformedIn } from '../secrets.ts';
import type { KeptSecret } from '../written.ts';
import { pointedSettings } from './provider-secrets.ts';

const named = z.looseObject({ name: z.string().min(1) }).exactOptional();
const VERSIONS = [
  'notification.toolkit.fluxcd.io/v1beta3',
  'notification.toolkit.fluxcd.io/v1beta2',
  'notification.toolkit.fluxcd.io/v1beta1',
];

/** @see https://github.com/fluxcd/notification-controller/blob/main/docs/spec/v1beta3/providers.md */
export const fluxProvider = fluxObject(
  'Provider',
  VERSIONS,
  z.strictObject({
    type: z.string().min(1).max(FLUX_TYPE_CHARACTERS),
    address: z.string().max(NOTIFY_CHANNEL_CHARACTERS).exactOptional(),
    channel: z.string().max(NOTIFY_CHANNEL_CHARACTERS).exactOptional(),
    username: z.string().max(NOTIFY_CHANNEL_CHARACTERS).exactOptional(),
    secretRef: named,
    certSecretRef: named,
    proxySecretRef: named,
    proxy: z.string().exactOptional(),
    commitStatusExpr: z.string().exactOptional(),
    serviceAccountName: z.string().exactOptional(),
    interval: z.string().exactOptional(),
    timeout: z.string().exactOptional(),
    suspend: z.boolean().default(false),
  }),
);
export type FluxProvider = z.output<typeof fluxProvider>;

/** What a provider comes to: a type of ours with its settings, or why it comes to none. */
export type MappedProvider =
  | {
      readonly type: string;
      readonly settings: Readonly<Record<string, unknown>>;
      /** The same with each secret in a file. */
      readonly pointed: Readonly<Record<string, unknown>>;
      readonly secrets: readonly KeptSecret[];
    }
  | { readonly because: string };

type MappedSettings =
  | { readonly type: string; readonly settings: Readonly<Record<string, unknown>> }
  | { readonly because: string };

interface Told {
  readonly address: string | undefined;
  readonly channel: string | undefined;
  readonly username: string | undefined;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, unknown>> | undefined;
}

const secretly = (value: string) => ({ value });

const needs = (what: string) => ({
  because: `it has no ${what}, in itself or in a Secret of these documents`,
});

const withAddress =
  (map: (address: string, told: Told) => MappedSettings) =>
  (told: Told): MappedSettings =>
    told.address === undefined ? needs('address') : map(told.address, told);

const hook = (type: string) => withAddress((address) => ({ type, settings: { url: secretly(address) } }));

const slack = (told: Told): MappedSettings => {
  const { address, channel, username, token } = told;
  const common = { ...(channel && { channel }), ...(username && { username }) };
  if (token !== undefined) {
    const settings = { token: secretly(token), ...common };
    return channel === undefined ? needs('channel, which a token needs') : { type: 'slack', settings };
  }
  return address === undefined
    ? needs('address')
    : { type: 'slack', settings: { url: secretly(address), ...common } };
};

const generic = withAddress((address, { headers, token }) => ({
  type: 'webhook',
  settings: { url: secretly(address), ...(headers && { headers }), ...(token && { hmac: secretly(token) }) },
}));

/** Statuses of commits: the address names the repository. */
const status = (type: string, apiOf: (url: URL) => string | undefined) =>
  withAddress((address, { token }) => {
    const url = URL.parse(address);
    const repository = url?.pathname.replace(/^\/+|\.git$|\/+$/g, '') ?? '';
    if (url === null || !repository.includes('/')) return { because: 'its address names no repository' };
    if (token === undefined) return needs('token');
    const api = apiOf(url);
    return { type, settings: { repository, token: secretly(token), ...(api !== undefined && { url: api }) } };
  });

const MAPPED: Readonly<Record<string, (told: Told) => MappedSettings>> = {
  slack,
  rocket: slack,
  discord: hook('discord'),
  msteams: hook('teams'),
  googlechat: hook('google-chat'),
  pagerduty: ({ address, channel }) => {
    if (channel === undefined) return needs('channel, which is its routing key');
    const url = address === undefined ? undefined : URL.parse('/v2/enqueue', address)?.href;
    return {
      type: 'pagerduty',
      settings: { routingKey: secretly(channel), ...(url !== undefined && { url }) },
    };
  },
  generic: (told) => generic({ ...told, token: undefined }),
  'generic-hmac': (told) => (told.token === undefined ? needs('token') : generic(told)),
  github: status('github', ({ origin, host }) => (host === 'github.com' ? undefined : `${origin}/api/v3`)),
  gitlab: status('gitlab', ({ origin, host }) => (host === 'gitlab.com' ? undefined : origin)),
  gitea: status('gitea', ({ origin }) => origin),
};

const INSTEAD = 'write an entry of notify with type: webhook and a template, or subscribe to the events';

/** Every other type that Flux has: see docs/flux.md. */
export const UNMAPPED_PROVIDERS: readonly string[] = [
  ...[
    'alertmanager',
    'azuredevops',
    'azureeventhub',
    'bitbucket',
    'bitbucketserver',
    'datadog',
    'githubdispatch',
  ],
  ...[
    'githubpullrequestcomment',
    'gitlabmergerequestcomment',
    'giteapullrequestcomment',
    'googlepubsub',
    'grafana',
  ],
  ...[
    'incident.io',
    'lark',
    'matrix',
    'nats',
    'opsgenie',
    'otel',
    'sentry',
    'telegram',
    'webex',
    'zoom',
    'zulip',
  ],
];

const textIn = (values: ReadonlyMap<string, string> | undefined, key: string): string | undefined =>
  values?.get(key)?.trim() || undefined;

/** Undefined where they are no map. What the parser says of it is not used: it quotes the secret. */
function headersIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parse(text);
    if (!isObject(value)) return undefined;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, secretly(String(each))]));
  } catch {
    return undefined;
  }
}

/** Maps one of Flux's providers onto one of ours. Its Secret goes before what stands in the object, as with Flux. */
export function mapProvider({ object }: ReadObject<FluxProvider>, { byId }: FluxSecrets): MappedProvider {
  const { metadata, spec } = object;
  const { type, secretRef } = spec;
  const map = Object.hasOwn(MAPPED, type) ? MAPPED[type] : undefined;
  if (map === undefined) {
    const known = UNMAPPED_PROVIDERS.includes(type) ? '' : ', which is none of Flux’s';
    return { because: `type ${JSON.stringify(type)} is not sent to${known}; ${INSTEAD}` };
  }
  const secret = secretRef && byId.get(`${metadata.namespace}/${secretRef.name}`);
  const malformed = secret && malformedIn(secret, () => true);
  if (malformed !== undefined) return { because: malformed };
  const values = secret?.values;
  if (secretRef !== undefined && values === undefined)
    return { because: `Secret ${metadata.namespace}/${secretRef.name} is not in these documents` };
  const headersText = textIn(values, 'headers');
  const headers = headersText === undefined ? undefined : headersIn(headersText);
  if (headersText !== undefined && headers === undefined)
    return {
      because: `headers of Secret ${metadata.namespace}/${secretRef?.name} are no YAML map of names and texts`,
    };
  const told: Told = {
    address: textIn(values, 'address') ?? spec.address,
    channel: spec.channel,
    username: textIn(values, 'username') ?? spec.username,
    token: textIn(values, 'token'),
    headers,
  };
  const mapped = map(told);
  if ('because' in mapped) return mapped;
  const secrets = {
    ...told,
    provider: `${metadata.namespace}/${metadata.name}`,
    secret: `${metadata.namespace}/${secretRef?.name}`,
    isAddressInSecret: textIn(values, 'address') !== undefined,
  };
  return { ...mapped, ...pointedSettings(mapped.settings, secrets) };
}

const LEFT_OUT = [
  ...(['certSecretRef', 'proxySecretRef', 'proxy', 'commitStatusExpr'] as const),
  ...(['serviceAccountName', 'interval', 'timeout'] as const),
];

/** Fields that are there and not read. */
export const unreadFields = ({ object: { spec } }: ReadObject<FluxProvider>): readonly string[] =>
  LEFT_OUT.filter((key) => spec[key] !== undefined);
