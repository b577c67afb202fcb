import type { FluxSecret } from '../secrets.ts';
import type { FluxReceiver } from './flux-receiver.ts';
import { oidcSettings } from './oidc-claims.ts';

/** What a type of Flux's comes to: one of ours with its settings, or why it comes to none. */
export type MappedType =
  | {
      readonly type: string;
      readonly settings: Readonly<Record<string, unknown>>;
      /** What whoever sends has to do otherwise. */
      readonly otherwise?: string;
    }
  | { readonly because: string };

interface Asked {
  readonly spec: FluxReceiver['spec'];
  /** Host that the sources are at. */
  readonly registry: string;
  readonly secret: FluxSecret | undefined;
}

const plain = (type: string, otherwise?: string) => (): MappedType => ({
  type,
  settings: {},
  ...(otherwise !== undefined && { otherwise }),
});

/** Google's tokens are for an audience, and of an account: Flux keeps both in the Secret. */
function googleType({ secret }: Asked): MappedType {
  const [audience, serviceAccount] = ['audience', 'email'].map((key) => secret?.values.get(key)?.trim());
  if (!audience || !serviceAccount) return { because: 'its Secret has no email and audience' };
  return {
    type: 'gar',
    settings: { audience, serviceAccount },
    otherwise: 'an audience that is the address of the subscription changes with it',
  };
}

const PACKAGES = /^(?:package|registry_package)$/;

/** Of GitHub's registry, or of Gitea, which Flux has under this type too. */
function githubType({ registry, spec }: Asked): MappedType {
  const isGitHub = registry === 'ghcr.io' || registry.startsWith('containers.');
  if (!isGitHub)
    return { type: 'gitea', settings: {}, otherwise: 'it is read as Gitea’s, for that registry' };
  const ofGit = spec.events.length > 0 && !spec.events.some((each) => PACKAGES.test(each));
  return {
    type: 'ghcr',
    settings: {},
    ...(ofGit && { otherwise: `${spec.events.join(', ')} are of Git: have GitHub send "Packages"` }),
  };
}

const BEARER = (who: string): string =>
  `${who} sends Authorization: Bearer and the token (docs/registries.md): Flux takes anybody who knows the address`;

const SIGNED = 'what calls it signs its body by Standard Webhooks (docs/registries.md)';

const TYPES: Readonly<Record<string, (asked: Asked) => MappedType>> = {
  generic: plain('generic', `${SIGNED}: Flux takes anybody who knows the address`),
  'generic-hmac': plain('generic', `${SIGNED}, not by X-Signature`),
  'generic-oidc': ({ spec }) => oidcSettings(spec.oidcProviders),
  github: githubType,
  gitlab: () => ({
    because:
      'GitLab sends no webhook for what is pushed to its registry: use notifications of its registry (type: distribution), or call from the job that pushes (type: oidc)',
  }),
  bitbucket: () => ({
    because: 'Bitbucket has no registry: call from the pipeline that pushes (type: oidc or generic)',
  }),
  harbor: plain('harbor'),
  dockerhub: plain('docker-hub'),
  quay: plain('quay'),
  nexus: plain('nexus'),
  acr: plain('acr', BEARER('its webhook')),
  gcr: googleType,
  cdevents: plain('cloudevents', BEARER('what calls it')),
};

/** Every type that Flux has. */
export const FLUX_RECEIVER_TYPES: readonly string[] = Object.keys(TYPES);

export function mapReceiverType(asked: Asked): MappedType {
  const { type } = asked.spec;
  const map = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  return map?.(asked) ?? { because: `type ${JSON.stringify(type)} is none of Flux’s` };
}
