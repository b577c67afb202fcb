import { readFileSync } from 'node:fs';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import { LandfallError } from '../../shared/errors.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import type { Permission } from '../permission.ts';
import type { CodeFile } from './code-file.ts';
import type { NetworkProps } from './network-props.ts';

const CA_FILE = 'ca.pem';
/** Where Lambda has a function's code. */
const CODE_FOLDER = '/var/task';
const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;
/** Lambda refuses the first itself; the second are ours. */
const RESERVED = /^(?:AWS_(?!ENDPOINT_URL|USE_FIPS_ENDPOINT|USE_DUALSTACK_ENDPOINT)|_|LANDFALL_)/;

const invalid = (message: string, hint: string, cause?: unknown): LandfallError =>
  new LandfallError('CONFIG_INVALID', message, { hint, cause });

function authorities(path: string): CodeFile {
  const hint = 'Give a file of certificates in PEM; a relative path starts where cdk runs.';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(`ca: cannot read ${path}`, hint, cause);
  }
  if (!CERTIFICATE.test(text)) throw invalid(`ca: ${path} holds no certificate`, hint);
  if (text.includes('PRIVATE KEY-----')) {
    throw invalid(
      `ca: ${path} holds a private key`,
      'Leave the key out: the file goes into the code of functions.',
    );
  }
  return { name: CA_FILE, text, digest: digestOf(text) };
}

/**
 * What functions have of the files that are named. @throws LandfallError CONFIG_INVALID where a file is no bundle of certificates
 */
export const networkFiles = ({ ca }: NetworkProps): readonly CodeFile[] =>
  ca === undefined ? [] : [authorities(ca)];

/** @throws LandfallError CONFIG_INVALID for a variable that Lambda or Landfall sets */
export function networkVariables({ environment = {}, ca }: NetworkProps): Readonly<Record<string, string>> {
  const reserved = Object.keys(environment).find((name) => RESERVED.test(name));
  if (reserved !== undefined) {
    throw invalid(
      `environment: ${reserved} is not yours to set`,
      'Use the property of the construct instead.',
    );
  }
  if (ca === undefined) return environment;
  return { NODE_EXTRA_CA_CERTS: `${CODE_FOLDER}/${CA_FILE}`, ...environment };
}

/** Where a function is. @throws LandfallError CONFIG_INVALID for subnets of no network */
export function placement({
  vpc,
  subnets,
  securityGroups,
}: NetworkProps): Pick<FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  if (vpc === undefined) {
    if (subnets === undefined && securityGroups === undefined) return {};
    throw invalid('subnets and securityGroups are of a vpc', 'Give the vpc, too.');
  }
  return {
    vpc: vpc as IVpc,
    ...(subnets !== undefined && { vpcSubnets: subnets }),
    ...(securityGroups !== undefined && { securityGroups: [...securityGroups] }),
  };
}

/**
 * Lambda makes a function's network interfaces as the function's role.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
export const networkPermissions = ({ vpc }: NetworkProps): readonly Permission[] =>
  vpc === undefined
    ? []
    : [
        {
          actions: [
            'ec2:AssignPrivateIpAddresses',
            'ec2:CreateNetworkInterface',
            'ec2:DeleteNetworkInterface',
            'ec2:DescribeNetworkInterfaces',
            'ec2:DescribeSubnets',
            'ec2:UnassignPrivateIpAddresses',
          ],
          resources: ['*'],
          why: 'Network interfaces have no names before Lambda makes them',
        },
      ];

/** The properties of the network alone, to hand on. */
export const networkOf = ({ vpc, subnets, securityGroups, environment, ca }: NetworkProps): NetworkProps => ({
  ...(vpc !== undefined && { vpc }),
  ...(subnets !== undefined && { subnets }),
  ...(securityGroups !== undefined && { securityGroups }),
  ...(environment !== undefined && { environment }),
  ...(ca !== undefined && { ca }),
});
