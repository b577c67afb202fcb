/** A private registry of ECR, as its host says. */
export interface EcrHost {
  readonly account: string;
  readonly region: string;
}

/**
 * Every form of a private registry's host: plain, FIPS, China's, and dual-stack under on.aws.
 * @see https://docs.aws.amazon.com/general/latest/gr/ecr.html
 */
const PRIVATE =
  /^(\d{12})\.(?:dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|dkr-ecr(?:-fips)?\.([a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn))$/;

export function parseEcrHost(registry: string): EcrHost | undefined {
  const [, account, classic, dualStack] = PRIVATE.exec(registry) ?? [];
  const region = classic ?? dualStack;
  return account === undefined || region === undefined ? undefined : { account, region };
}

export const PUBLIC_ECR = 'public.ecr.aws';

/** Every host that a source may write for the registry of an account in a region. */
export function ecrHosts({ account, region }: EcrHost): readonly string[] {
  const isChina = region.startsWith('cn-');
  const domain = isChina ? 'amazonaws.com.cn' : 'amazonaws.com';
  const dualStack = isChina ? 'on.amazonwebservices.com.cn' : 'on.aws';
  return ['', '-fips'].flatMap((fips) => [
    `${account}.dkr.ecr${fips}.${region}.${domain}`,
    `${account}.dkr-ecr${fips}.${region}.${dualStack}`,
  ]);
}
