import { sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { writeEndlessly } from '../../support/artifacts/endless.ts';
import { der, sequence } from '../der.ts';
import { ALGORITHM, AUTHORITY_NAME, extension, type Minted, nameOf, timeOf } from '../minted-certificate.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);
const generalized = (date: Date): Buffer =>
  der(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));

const [REASON, INVALIDITY, LIST_NUMBER] = ['0603551d15', '0603551d18', '0603551d14'] as const;
/** Of lists and of certificates: which certificates a list is of; where a delta is; that it is one. */
export const [SCOPE, FRESHEST, DELTA] = ['0603551d1c', '0603551d2e', '0603551d1b'] as const;

export interface Entry {
  readonly serial: number;
  readonly reason?: number;
  /** Minutes from now. */
  readonly revoked?: number;
  readonly invalidSince?: number;
  readonly more?: readonly Buffer[];
}

export interface ListOptions {
  readonly entries?: readonly Entry[];
  /** Minutes from now; null: none is said. */
  readonly next?: number | null;
  readonly issuer?: string;
  readonly extensions?: readonly Buffer[];
}

function entryOf({ serial, reason, revoked = -1, invalidSince, more = [] }: Entry): Buffer {
  const extensions = [
    ...(reason === undefined ? [] : [extension(REASON, der(0x0a, Buffer.from([reason])))]),
    ...(invalidSince === undefined ? [] : [extension(INVALIDITY, generalized(minutes(invalidSince)))]),
    ...more,
  ];
  const listed = extensions.length > 0 ? [sequence(...extensions)] : [];
  return sequence(der(0x02, Buffer.from([serial])), timeOf(minutes(revoked)), ...listed);
}

/** A list of what an authority revoked, with whatever is wrong with it. @see https://www.rfc-editor.org/rfc/rfc5280#section-5.1 */
export function mintList({ keys }: Minted, options: ListOptions = {}): Buffer {
  const { entries = [], next = 60, issuer = AUTHORITY_NAME, extensions = [] } = options;
  const signed = sequence(
    hex('020101'),
    ALGORITHM,
    nameOf(issuer),
    timeOf(minutes(-5)),
    ...(next === null ? [] : [timeOf(minutes(next))]),
    ...(entries.length > 0 ? [sequence(...entries.map(entryOf))] : []),
    der(0xa0, sequence(extension(LIST_NUMBER, hex('020101')), ...extensions)),
  );
  const signature = der(0x03, hex('00'), sign('sha256', signed, keys.privateKey));
  return sequence(signed, ALGORITHM, signature);
}

/** `CRLDistributionPoints` of one URL. */
export const pointsOf = (url: string): Buffer =>
  sequence(sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(url))))));
/** A certificate's word that its list is there. */
export const listedAt = (url: string): Buffer => extension('0603551d1f', pointsOf(url));
/** A certificate's word that a service (OCSP) is asked. */
export const askedAt = (url: string): Buffer =>
  extension(
    '06082b06010505070101',
    sequence(sequence(hex('06082b06010505073001'), der(0x86, Buffer.from(url)))),
  );

export type ListAnswer =
  | Buffer
  | 'endless'
  | 'silent'
  | { readonly location: string }
  | { readonly status: number };

/** Whoever has lists, while the test runs. */
export async function openLists(t: TestContext) {
  const answers = new Map<string, ListAnswer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const answer = answers.get(path) ?? { status: 404 };
    if (answer === 'silent') return;
    if (answer === 'endless') writeEndlessly(response, Buffer.alloc(65_536));
    else if (Buffer.isBuffer(answer)) response.end(answer);
    else {
      const status = 'status' in answer ? answer.status : 302;
      response.writeHead(status, 'location' in answer ? answer : {}).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers, requests };
}
