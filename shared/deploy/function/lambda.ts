/** As GetFunction and its like tell it. */
export interface FunctionView {
  readonly arn: string;
  /** `$LATEST`, or a number. */
  readonly version: string;
  /** Of a zip base64 of its sha256. */
  readonly codeSha256: string;
  /** Changes with each change of the function; one that is not current is refused. */
  readonly revisionId: string;
  /** `Pending`, `Active`, `Inactive`, `Failed`, … */
  readonly state: string;
  readonly stateReason: string;
  /** `InProgress`, `Successful`, `Failed`; empty for a version. */
  readonly update: string;
  readonly updateReason: string;
  readonly packageType: 'Zip' | 'Image';
  readonly architectures: readonly string[];
  /** `sha256:…` of the manifest that it runs; undefined for a zip. */
  readonly imageDigest: string | undefined;
}

export type CodeSource =
  | { readonly zip: Uint8Array }
  | { readonly bucket: string; readonly key: string }
  | { readonly image: string };

export interface FunctionCalls {
  /** What was last uploaded; undefined: there is no such function. */
  get(name: string): Promise<FunctionView | undefined>;
  version(name: string, version: string): Promise<FunctionView>;
  updateCode(
    name: string,
    update: { readonly source: CodeSource; readonly architecture?: string; readonly revisionId: string },
  ): Promise<FunctionView>;
  /** The version that has this code: the last one, where nothing has changed since. */
  publish(
    name: string,
    guard: { readonly codeSha256: string; readonly revisionId: string; readonly description: string },
  ): Promise<FunctionView>;
}

export interface AliasView {
  readonly version: string;
  readonly revisionId: string;
  /** Share of the calls, from 0 to 1, that another version gets, by version. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface AliasCalls {
  get(name: string, alias: string): Promise<AliasView | undefined>;
  create(name: string, alias: string, version: string): Promise<AliasView>;
  /** Weights are all there are: none where none are given. */
  move(
    name: string,
    alias: string,
    to: Pick<AliasView, 'version' | 'weights' | 'revisionId'>,
  ): Promise<AliasView>;
  remove(name: string, alias: string): Promise<void>;
}

/** Lambda as a deploy needs it. Every call throws as `AwsAccess.call`. */
export interface Lambda {
  readonly functions: FunctionCalls;
  readonly aliases: AliasCalls;
}

/** `OK`, `ALARM` or `INSUFFICIENT_DATA` by name; an alarm that is not there is not in it. */
export type AlarmStates = (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
