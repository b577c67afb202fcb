import * as z from 'zod/mini';
import { secretOrText } from '../../credentials/secret-schema.ts';

const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

function urlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'wanted an http:// or https:// URL';
  if (url.username !== '' || url.password !== '')
    return 'url carries a user or password; put them under headers';
  return undefined;
}

export const httpSettings = z.object({
  url: z.string().check(
    z.refine((text) => urlFault(text) === undefined, {
      error: ({ input }) => urlFault(String(input)),
    }),
    z.meta({ description: 'Where the CloudEvent goes' }),
  ),
  headers: z.optional(
    z.record(z.string().check(z.regex(HEADER, 'wanted the name of a header')), secretOrText),
  ),
});

export type HttpSettings = z.infer<typeof httpSettings>;

const locatedIn = (value: Headers[string], from: (path: string) => string): Headers[string] =>
  typeof value !== 'string' && 'file' in value ? { file: from(value.file) } : value;

type Headers = NonNullable<HttpSettings['headers']>;

export function locateHttp({ url, headers }: HttpSettings, from: (path: string) => string): HttpSettings {
  if (headers === undefined) return { url };
  const located = Object.entries(headers).map(([name, value]) => [name, locatedIn(value, from)] as const);
  return { url, headers: Object.fromEntries(located) };
}
