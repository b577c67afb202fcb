import { LandfallError } from '../../errors.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Where credentials come from, asked before each request: they may end.
 * @param refused what was given before, and AWS says has ended: others are given, where any can be had
 */
export type CredentialSource = (refused?: AwsCredentials) => Promise<AwsCredentials>;

/** Whether two are the same: of a role each has a key of its own. */
export const isSameCredentials = (a: AwsCredentials, b: AwsCredentials | undefined): boolean =>
  a.accessKeyId === b?.accessKeyId && a.sessionToken === b.sessionToken;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The function's own credentials. Lambda renews them by starting a new process, so its variables are all there is.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const environmentCredentials =
  (env: Environment): CredentialSource =>
  async () => {
    const accessKeyId = env['AWS_ACCESS_KEY_ID'];
    const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
    const sessionToken = env['AWS_SESSION_TOKEN'];
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new LandfallError(
        'CREDENTIAL_UNREADABLE',
        'AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment',
        { hint: 'On Lambda the execution role puts them there; elsewhere set both variables.' },
      );
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  };
