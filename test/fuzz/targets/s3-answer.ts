import assert from 'node:assert/strict';
import { readRefusal } from '../../../shared/aws/request/refusal.ts';
import { elementsOf, elementText, escapeXml } from '../../../shared/aws/request/xml.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';

const NAMES = ['Contents', 'Key', 'Size', 'ETag', 'Code', 'Message', 'NextContinuationToken', 'IsTruncated'];

function judgeSmall(text: string): void {
  assert.equal(elementText(`<Key>${escapeXml(text)}</Key>`, 'Key'), text);
  const { code, status } = readRefusal({ status: 400, text });
  assert.ok(typeof code === 'string' && status === 400);
}

/** What S3 answers: a text that is written into XML is read as it was, and an answer of any form is told as a failure with a code. */
export const target: FuzzTarget = {
  name: 's3-answer',
  seeds: [
    '<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>1/a=</NextContinuationToken><Contents><Key>a&amp;&#10;b</Key><LastModified>2026-11-21T08:00:00.000Z</LastModified><ETag>&quot;5e&quot;</ETag><Size>12</Size></Contents><Contents><Key>c</Key><Size>0</Size></Contents></ListBucketResult>',
    '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a</Key></Error>',
    '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}',
    '<CompleteMultipartUploadResult><ETag>"5e-2"</ETag></CompleteMultipartUploadResult>',
  ],
  words: [
    '<Contents>',
    '</Contents>',
    '<Key>',
    '</Key>',
    '&#x',
    '&#',
    '&amp;',
    ';',
    '<![CDATA[',
    '<!--',
    '<Key/>',
    '<!ENTITY a "b">',
    '&#1114112;',
    '&#xd800;',
  ],
  judge: (input) => {
    const text = input.toString();
    // Of an answer that is as large as one may be, what a listing asks of it.
    const isLarge = input.length > 65_536;
    if (!isLarge) judgeSmall(text);
    const elements = (isLarge ? ['Contents'] : NAMES).flatMap((name) => elementsOf(text, name));
    for (const name of ['NextContinuationToken', 'IsTruncated']) elementText(text, name);
    for (const element of elements.slice(0, 1_000)) for (const name of NAMES) elementText(element, name);
    return elements.length > 0;
  },
  hostile: [
    ['16 MiB of what begins', () => Buffer.from('<Contents>'.repeat(1_600_000))],
    ['16 MiB of what ends', () => Buffer.from('</Contents>'.repeat(1_500_000))],
    ['16 MiB of ampersands', () => Buffer.from(`<Key>${'&#1'.repeat(5_000_000)}</Key>`)],
    ['16 MiB of keys without an end', () => Buffer.from('<Key>a'.repeat(2_700_000))],
  ],
};
