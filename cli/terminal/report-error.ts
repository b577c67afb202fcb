import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { type ErrorCode, isLandfallError, type LandfallError } from '../../shared/errors.ts';
import { printableLine } from '../../shared/printable.ts';
import type { ExitCode } from '../command.ts';
import { type Terminal, writeJson, writeLine, writeMessage, writeText } from './terminal.ts';

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'USAGE',
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'REFERENCE_INVALID',
  'DIGEST_INVALID',
  'RANGE_INVALID',
  'REGEX_INVALID',
  'CREDENTIAL_UNREADABLE',
  'NOT_SUPPORTED',
]);

export const exitCodeOf = (error: LandfallError): ExitCode => (USAGE_CODES.has(error.code) ? 2 : 1);

/** What `--json` shows of an error, alone or inside a document. */
export const errorDocument = ({
  code,
  kind,
  message,
  hint,
  detail,
}: LandfallError): Record<string, unknown> => ({
  code,
  kind,
  message,
  ...(hint !== undefined && { hint }),
  ...(Object.keys(detail).length > 0 && { detail }),
});

/** Where a failure that is none of ours was: without its message, which may have lines that look like it. */
const stackOf = (error: unknown): readonly string[] =>
  error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)) : [];

interface ReportOptions {
  readonly json: boolean;
  /** As it is typed, for hints: `landfall receivers test`. */
  readonly command: string;
}

/** Says what went wrong and what to do next: text on stderr, and with `--json` a document on stdout. */
export function reportError(
  cause: unknown,
  { stdout, stderr }: Terminal,
  { json, command }: ReportOptions,
): ExitCode {
  const error = isLandfallError(cause) ? cause.with({ message: knownSecrets.mask(cause.message) }) : cause;
  if (!isLandfallError(error)) {
    const said = knownSecrets.mask(printableLine(String(error)));
    writeText(stderr, [`landfall: INTERNAL: ${said}`, ...stackOf(error)].join('\n'));
    writeLine(stderr, '  next: this is a defect in Landfall; please report it with the lines above');
    if (json) writeJson(stdout, { error: { code: 'INTERNAL', message: said } });
    return 1;
  }
  writeMessage(stderr, `landfall: ${error.code}: ${error.message}`);
  const hint = error.hint?.replace('landfall COMMAND', command);
  if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  if (json) writeJson(stdout, { error: { ...errorDocument(error), ...(hint !== undefined && { hint }) } });
  return exitCodeOf(error);
}
