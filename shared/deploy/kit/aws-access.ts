/** What every client of the SDK is made with: `new CloudFormationClient(aws.settings)`. */
interface SdkClientSettings {
  /** One try a call: `call` tries again. */
  readonly maxAttempts: 1;
  readonly region?: string;
  readonly endpoint?: string;
  /** Asked before each request; of the role the deploy names, where it names one. */
  readonly credentials?: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
}

/** AWS as one deploy sees it: with the role, external id and region of its document, or with what the process has. */
export interface AwsAccess {
  readonly settings: SdkClientSettings;
  /** `us-east-1`; undefined where nobody says (then a client finds it, or fails). */
  readonly region: string | undefined;
  /**
   * Makes one call of the SDK, with tries for what passes (throttling, a host that does not answer) within the signal of the
   * deploy. `const { Stacks } = await aws.call('DescribeStacks', (options) => client.send(new DescribeStacksCommand({…}), options))`
   * @param what the action, for messages
   * @throws LandfallError whose `detail.aws` is the service's code (see `awsCode`): DEPLOY_UNAVAILABLE where the same call
   * may succeed later, DEPLOY_FAILED where somebody has to act (a denied role, a refused parameter); CANCELLED
   */
  readonly call: <T>(
    what: string,
    send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ) => Promise<T>;
}
