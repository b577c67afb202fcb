import { Arn, ArnFormat, type Stack, Token } from 'aws-cdk-lib';
import { FEDERATION_AUDIENCE } from '../../shared/credentials/cloud/cloud-host.ts';
import type { SecretLocation } from '../../shared/credentials/credential-entry.ts';
import { secretLocations } from '../../shared/credentials/entry-locations.ts';
import { entrySecrets } from '../../shared/notify/entry-secrets.ts';
import type { Configuration } from '../../shared/source/source.ts';
import type { BoundSecret, Reach } from '../landfall-props.ts';
import type { Permission } from '../permission.ts';

/** ECR's hosts: account, region. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const ECR_HOST = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;
/** Why a permission has `*` that the app asked for. */
export const AS_GIVEN = 'The app names what its documents may need, with wildcards where it wants to';
const ACCOUNT_WIDE = 'A token for a registry is not of any resource';
const PUBLIC_ECR = new Set(['public.ecr.aws', 'ecr-public.aws.com']);

/** Reading, and fetching into a pull-through cache what was not there yet. */
const ECR_READ = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:BatchImportUpstreamImage',
  'ecr:GetDownloadUrlForLayer',
  'ecr:ListImages',
];

function ecrRepositoryArns(stack: Stack, { sources }: Configuration, reach: Reach): readonly string[] {
  const repositoryArn = (resourceName: string, region = stack.region, account = stack.account): string =>
    Arn.format({ service: 'ecr', resource: 'repository', resourceName, region, account }, stack);
  const named = sources.flatMap(({ repository: { registry, repository } }) => {
    const [, account, region] = ECR_HOST.exec(registry) ?? [];
    return account === undefined ? [] : [repositoryArn(repository, region, account)];
  });
  const widened = (reach.ecrRepositories ?? []).map((name) => repositoryArn(name));
  return [...new Set([...named, ...widened])].toSorted();
}

/** What the functions need of ECR: a token is of an account, all else of repositories. */
export function ecrPermissions(
  stack: Stack,
  configuration: Configuration,
  reach: Reach,
): readonly Permission[] {
  const repositories = ecrRepositoryArns(stack, configuration, reach);
  const isPublic =
    reach.publicEcr ?? configuration.sources.some(({ repository }) => PUBLIC_ECR.has(repository.registry));
  return [
    ...(repositories.length > 0
      ? [
          { actions: ['ecr:GetAuthorizationToken'], resources: ['*'], why: ACCOUNT_WIDE },
          { actions: ECR_READ, resources: repositories, why: AS_GIVEN },
        ]
      : []),
    ...(isPublic
      ? [
          {
            actions: ['ecr-public:GetAuthorizationToken'],
            resources: ['*'],
            why: ACCOUNT_WIDE,
          },
          {
            actions: ['sts:GetServiceBearerToken'],
            resources: ['*'],
            conditions: { StringEquals: { 'sts:AWSServiceName': 'ecr-public.amazonaws.com' } },
            why: ACCOUNT_WIDE,
          },
        ]
      : []),
  ];
}

/** An ARN as it is; a name with the six characters Secrets Manager puts behind it. */
function secretArn(stack: Stack, secret: string): string {
  if (secret.startsWith('arn:') || Token.isUnresolved(secret)) return secret;
  return Arn.format(
    {
      service: 'secretsmanager',
      resource: 'secret',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `${secret}-??????`,
    },
    stack,
  );
}

const parameterArn = (stack: Stack, name: string): string =>
  name.startsWith('arn:') || Token.isUnresolved(name)
    ? name
    : Arn.format({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') }, stack);

const locationsOf = (
  secrets: readonly (SecretLocation | string | undefined)[],
  key: string,
): readonly string[] =>
  secrets.flatMap((secret) => {
    if (typeof secret !== 'object' || !(key in secret)) return [];
    const place: unknown = Object.entries(secret).find(([name]) => name === key)?.[1];
    return typeof place === 'string' ? [place] : [];
  });

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

/** Who reads a secret: of credentials it is bound to registries, of `notify` to places; of receivers it is not sent at all. */
export type SecretReader = 'credentials' | 'receivers' | 'notify';

const nameOf = (given: { readonly secret: string } | string): string =>
  typeof given === 'string' ? given : given.secret;

function addedFor(reader: SecretReader, reach: Reach, key: 'secrets' | 'parameters'): readonly string[] {
  if (reader === 'notify') return (reach.notify?.[key] ?? []).map(nameOf);
  const isForReader = (each: BoundSecret | string): boolean =>
    (typeof each !== 'string') === (reader === 'credentials');
  return (reach[key] ?? []).filter(isForReader).map(nameOf);
}

/** Reading the secrets that `secrets` name, and those that `reach` adds. */
export function secretPermissions(
  stack: Stack,
  secrets: readonly (SecretLocation | string | undefined)[],
  { reach, reader }: { readonly reach: Reach; readonly reader: SecretReader },
): readonly Permission[] {
  const managed = unique([...locationsOf(secrets, 'secretsManager'), ...addedFor(reader, reach, 'secrets')]);
  const parameters = unique([...locationsOf(secrets, 'ssm'), ...addedFor(reader, reach, 'parameters')]);
  const keys = reach.keyArns ?? [];
  const through = ['secretsmanager', 'ssm'].map((service) => `${service}.${stack.region}.${stack.urlSuffix}`);
  return [
    ...(managed.length > 0
      ? [
          {
            actions: ['secretsmanager:GetSecretValue'],
            resources: managed.map((secret) => secretArn(stack, secret)),
            why: AS_GIVEN,
          },
        ]
      : []),
    ...(parameters.length > 0
      ? [
          {
            actions: ['ssm:GetParameter'],
            resources: parameters.map((name) => parameterArn(stack, name)),
            why: AS_GIVEN,
          },
        ]
      : []),
    ...(keys.length > 0 && managed.length + parameters.length > 0
      ? [
          {
            actions: ['kms:Decrypt'],
            resources: keys,
            conditions: { StringEquals: { 'kms:ViaService': through } },
            why: AS_GIVEN,
          },
        ]
      : []),
  ];
}

/** Every place a credential may come from. */
export const credentialSecrets = ({ credentials }: Configuration): readonly SecretLocation[] =>
  credentials.flatMap((entry) => secretLocations(entry).map(([, location]) => location));

/** A token of STS for Entra, and for nobody else, where an entry has neither a secret nor a token of its own. */
export function federationPermissions({ credentials }: Configuration, reach: Reach): readonly Permission[] {
  const isWanted = credentials.some(
    ({ azure }) =>
      azure !== undefined && azure.clientSecret === undefined && azure.federatedToken === undefined,
  );
  if (!(reach.entra ?? isWanted)) return [];
  return [
    {
      actions: ['sts:GetWebIdentityToken'],
      resources: ['*'],
      conditions: {
        'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [FEDERATION_AUDIENCE] },
        Null: { 'sts:IdentityTokenAudience': 'false' },
      },
      why: 'A token for another cloud is not of any resource; its audience is what is allowed',
    },
  ];
}

/** Of every entry of `notify`. */
export const notifySecrets = ({ notify }: Configuration): readonly SecretLocation[] =>
  notify.flatMap((entry) => entrySecrets(entry).map(([, location]) => location));

/** Publishing to the topics that entries name, and those that `reach` adds; where a key of its own encrypts one, by that. */
export function topicPermissions(
  stack: Stack,
  { notify }: Configuration,
  { notify: { topics = [] } = {}, keyArns = [] }: Reach,
): readonly Permission[] {
  const named = notify.flatMap(({ type, settings: { topic } }) =>
    type === 'sns' && typeof topic === 'string' ? [topic] : [],
  );
  const resources = unique([...named, ...topics]);
  if (resources.length === 0) return [];
  const conditions = { StringEquals: { 'kms:ViaService': `sns.${stack.region}.${stack.urlSuffix}` } };
  const through = { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: keyArns, conditions };
  return [
    { actions: ['sns:Publish'], resources, why: AS_GIVEN },
    ...(keyArns.length === 0 ? [] : [{ ...through, why: AS_GIVEN }]),
  ];
}

/**
 * Reading the public halves of keys in KMS that policies name. A name of a key (alias) is no resource of IAM: what is allowed is any
 * key that is asked for by it.
 * @param named ids, `alias/NAME` or ARNs
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-request-alias
 */
export function signingKeyPermissions(stack: Stack, named: readonly string[]): readonly Permission[] {
  const ownArn = (resource: string): string => stack.formatArn({ service: 'kms', resource });
  const arns = unique(named).map((id) => {
    // Of a construct's key the ARN is known only once deployed.
    if (id.startsWith('arn:') || Token.isUnresolved(id)) return id;
    return ownArn(id.startsWith('alias/') ? id : `key/${id}`);
  });
  const actions = ['kms:GetPublicKey'];
  const [aliases, keys] = [
    arns.filter((arn) => arn.includes(':alias/')),
    arns.filter((arn) => !arn.includes(':alias/')),
  ];
  const namesAt = Map.groupBy(aliases, (arn) => arn.replace(/:alias\/.*$/, ':key/*'));
  return [
    ...(keys.length > 0 ? [{ actions, resources: keys, why: AS_GIVEN }] : []),
    ...[...namesAt].map(([resource, named]) => ({
      actions,
      resources: [resource],
      conditions: {
        StringLike: { 'kms:RequestAlias': named.map((arn) => arn.replace(/^.*:alias\//, 'alias/')) },
      },
      why: 'Of an alias IAM knows no more than that a key was asked for by it',
    })),
  ];
}

export const receiverSecrets = ({ receivers }: Configuration): readonly SecretLocation[] =>
  receivers.map(({ secret }) => secret);
