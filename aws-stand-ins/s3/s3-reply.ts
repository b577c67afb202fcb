import type { S3Refusal } from './s3-refusal.ts';

export interface S3Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

export const escapeXml = (text: string): string => text.replace(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);

/** Tags in the order given; undefined values are left out. */
export const xmlTags = (tags: Readonly<Record<string, string | number | boolean | undefined>>): string =>
  Object.entries(tags)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`<${name}>${escapeXml(String(value))}</${name}>`],
    )
    .join('');

/** `inner` is XML already. */
export const xmlReply = (root: string, inner: string): S3Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`,
});

export const refusalReply = ({ status, code, message }: S3Refusal, resource: string): S3Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${xmlTags({ Code: code, Message: message, Resource: resource, RequestId: 'stand-in' })}</Error>`,
});
