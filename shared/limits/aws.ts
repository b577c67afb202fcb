import { KiB, MiB } from './units.ts';

/** Without a byte in either direction. */
export const AWS_IDLE_MS = 30 * 1000;
/** One try of a call that an invocation waits for; what is put into a bucket may take longer. */
export const AWS_TIMEOUT_MS = 10 * 1000;
export const AWS_ANSWER_BYTES = 512 * KiB;
export const AWS_REFUSAL_BYTES = 64 * KiB;
/** Of what a service says, in an error. */
export const AWS_MESSAGE_CHARACTERS = 512;
/** A thousand keys of 1,024 bytes, each of which may be escaped. */
export const S3_LIST_BYTES = 16 * MiB;
/** 10,000 sources are about 8 MB of configuration. */
export const CONFIGURATION_BYTES = 64 * MiB;
export const STACK_ANSWER_TIMEOUT_MS = 10 * 1000;
/** An answer to CloudFormation may have 4,096 bytes in all. */
export const STACK_REASON_CHARACTERS = 1024;
