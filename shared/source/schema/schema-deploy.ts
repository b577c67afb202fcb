import * as z from 'zod';
import { LandfallError } from '../../errors.ts';
import { parsePattern } from '../../event/pattern/parse-pattern.ts';
import {
  filePath,
  glob,
  name,
  type Refusal,
  refusalOf,
  refusedWhen,
  secretOrText,
  textFor,
  timeout,
} from './schema-fields.ts';

const REQUIRED = { directory: 'target', command: 'command', http: 'url' } as const;
const ALLOWED: Readonly<Record<string, keyof typeof REQUIRED>> = {
  target: 'directory',
  command: 'command',
  url: 'http',
  headers: 'http',
};

type DeployShape = Readonly<Record<string, unknown>> & { readonly kind: keyof typeof REQUIRED };

function conflictIn(entry: DeployShape): Refusal | undefined {
  const required = REQUIRED[entry.kind];
  if (entry[required] === undefined) return { message: `kind ${entry.kind} requires ${required}` };
  const foreign = Object.keys(entry).find((key) => (ALLOWED[key] ?? entry.kind) !== entry.kind);
  if (foreign === undefined) return undefined;
  return { message: `${foreign} belongs to kind ${ALLOWED[foreign]}, and this is kind ${entry.kind}` };
}

function parseDeployUrl(text: string): void {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new LandfallError('CONFIG_INVALID', 'wanted an http:// or https:// URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw new LandfallError('CONFIG_INVALID', 'url carries a user or password; put them under headers');
  }
}

const folder = z
  .string()
  .min(1)
  .max(1024)
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    error: 'wanted a folder inside the artifact, e.g. apps/web, without a leading or trailing "/"',
  });

const header = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, { error: 'wanted the name of a header' });

/** A consumer of revisions on one machine. */
export const deploy = z
  .strictObject({
    name,
    kind: z.enum(['directory', 'command', 'http']),
    source: glob.meta({ description: 'namespace/name, name (in default), or a glob over namespace/name' }),
    path: folder
      .exactOptional()
      .meta({ description: 'Only what is under this folder; also what must have changed' }),
    pattern: z
      .record(z.string(), z.unknown())
      .check(refusedWhen((pattern) => refusalOf(() => parsePattern(pattern))))
      .exactOptional()
      .meta({ description: 'An EventBridge pattern over the envelope' }),
    target: filePath.exactOptional().meta({ description: 'directory: the symbolic link to switch' }),
    command: z
      .array(z.string())
      .min(1)
      .max(256)
      .exactOptional()
      .meta({ description: 'command: program and arguments, no shell' }),
    url: textFor(parseDeployUrl).exactOptional().meta({ description: 'http: where the CloudEvent goes' }),
    headers: z.record(header, secretOrText).exactOptional(),
    timeout: timeout.default('60s'),
  })
  .check(refusedWhen(conflictIn));

export type DeployDocument = z.output<typeof deploy>;
