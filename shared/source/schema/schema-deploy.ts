import * as z from 'zod';
import { LandfallError } from '../../errors.ts';
import { parsePattern } from '../../event/pattern/parse-pattern.ts';
import {
  filePath,
  glob,
  name,
  refusalOf,
  refusedWhen,
  secretOrText,
  textFor,
  timeout,
} from './schema-fields.ts';

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

/** What every kind has. */
const common = {
  name,
  source: glob.meta({ description: 'namespace/name, name (in default), or a glob over namespace/name' }),
  path: folder
    .exactOptional()
    .meta({ description: 'Only what is under this folder; also what must have changed' }),
  pattern: z
    .record(z.string(), z.unknown())
    .check(refusedWhen((pattern) => refusalOf(() => parsePattern(pattern))))
    .exactOptional()
    .meta({ description: 'An EventBridge pattern over the envelope' }),
  timeout: timeout.default('60s'),
};

const directory = z.strictObject({
  ...common,
  kind: z.literal('directory'),
  target: filePath.meta({ description: 'The symbolic link to switch' }),
});

const command = z.strictObject({
  ...common,
  kind: z.literal('command'),
  command: z.array(z.string()).min(1).max(256).meta({ description: 'Program and arguments, no shell' }),
});

const http = z.strictObject({
  ...common,
  kind: z.literal('http'),
  url: textFor(parseDeployUrl).meta({ description: 'Where the CloudEvent goes' }),
  headers: z.record(header, secretOrText).exactOptional(),
});

/** A consumer of revisions on one machine. A kind is one member. */
export const deploy = z.discriminatedUnion('kind', [directory, command, http]);

export type DeployDocument = z.output<typeof deploy>;
