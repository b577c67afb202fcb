import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What all functions of an installation have alike. */
export interface SharedSettings {
  /** Default ONE_MONTH. */
  readonly logRetention?: RetentionDays | undefined;
  /** Whether X-Ray traces invocations: one a second and a twentieth of the rest, which at a poll a minute is all. Default: none. */
  readonly tracing?: boolean | undefined;
  /** The least that Lambda itself writes to the logs: `INFO` has its START, END and REPORT lines. Default WARN. */
  readonly systemLogLevel?: 'DEBUG' | 'INFO' | 'WARN' | undefined;
  /** Encrypts queues, logs, variables and, of a Landfall, its store and bus, in place of AWS's own keys. */
  readonly encryptionKey?: IKey | undefined;
}

/** Each of `own`, else of `inherited`. */
export const settingsOf = (own: SharedSettings, inherited: SharedSettings = {}): SharedSettings => ({
  logRetention: own.logRetention ?? inherited.logRetention,
  tracing: own.tracing ?? inherited.tracing,
  systemLogLevel: own.systemLogLevel ?? inherited.systemLogLevel,
  encryptionKey: own.encryptionKey ?? inherited.encryptionKey,
});
