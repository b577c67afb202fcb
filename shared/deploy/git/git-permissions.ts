import type { SecretLocation } from '../../credentials/credential-entry.ts';
import type { DeployOrigin, DeployPermission } from '../kit/permission.ts';
import type { GitSettings } from './git-settings.ts';

const isArn = (name: string): boolean => name.startsWith('arn:');

/** Secrets Manager puts six characters behind a name. */
const secretOf = (name: string, { partition, region, account }: DeployOrigin): string =>
  isArn(name) ? name : `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-??????`;

const parameterOf = (name: string, { partition, region, account }: DeployOrigin): string =>
  isArn(name) ? name : `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;

const permissionFor = (place: SecretLocation, origin: DeployOrigin): readonly DeployPermission[] => {
  if ('secretsManager' in place)
    return [
      { actions: ['secretsmanager:GetSecretValue'], resources: [secretOf(place.secretsManager, origin)] },
    ];
  return 'ssm' in place
    ? [{ actions: ['ssm:GetParameter'], resources: [parameterOf(place.ssm, origin)] }]
    : [];
};

/** The function reads the credential, and calls nothing else of AWS. */
export const gitPermissions = (
  { username, password }: GitSettings,
  origin: DeployOrigin,
): readonly DeployPermission[] =>
  [username, password].flatMap((place) => (typeof place === 'object' ? permissionFor(place, origin) : []));
