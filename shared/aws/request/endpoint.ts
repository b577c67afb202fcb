/** The services that are called with signed requests of our own. */
export type AwsService = 'eks' | 's3' | 'secretsmanager' | 'sns' | 'sqs' | 'ssm' | 'sts' | 'tagging';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The SDKs' variables for an endpoint of one's own, after their service ids.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
const VARIABLES: Readonly<Record<AwsService, string>> = {
  eks: 'EKS',
  s3: 'S3',
  secretsmanager: 'SECRETS_MANAGER',
  sns: 'SNS',
  sqs: 'SQS',
  ssm: 'SSM',
  sts: 'STS',
  tagging: 'RESOURCE_GROUPS_TAGGING_API',
};

/** Domain of a region's services. China's is its own. */
export const domainOf = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';

/** An endpoint that was set for the service, or for all. */
export const ownEndpoint = (service: AwsService, env: Environment): string | undefined =>
  env[`AWS_ENDPOINT_URL_${VARIABLES[service]}`] ?? env['AWS_ENDPOINT_URL'];

/** The origin a service is called at in a region. */
export function endpointOf(service: AwsService, region: string, env: Environment): URL {
  const own = ownEndpoint(service, env);
  return new URL(own ?? `https://${service}.${region}.${domainOf(region)}`);
}
