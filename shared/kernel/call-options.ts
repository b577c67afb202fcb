/** What a call of a port takes last, where it may have to wait. */
export interface CallOptions {
  /** Ends the call, which then throws the reason, or CANCELLED where that has no code of its own. */
  readonly signal?: AbortSignal | undefined;
}
