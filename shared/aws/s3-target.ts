import { PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Guarded } from './s3-error.ts';
import type { S3Root } from './s3-root.ts';

/** Where the SDK would send a PUT, and what it would sign it for. */
export interface S3Target {
  readonly isPlain: boolean;
  readonly hostname: string;
  readonly port: number | undefined;
  /** With the port where it is not the scheme's. */
  readonly host: string;
  /** Ends in a slash; a key of the bucket goes behind it. */
  readonly basePath: string;
  readonly region: string;
}

/** What is read of the SDK's request; its type is of a package that is not ours to import. */
interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PROBE = 'probe';
const SCOPE = /Credential=[^/]+\/\d{8}\/([^/]+)\/s3\/aws4_request/;

/**
 * Asks the SDK once, by having it sign a PUT that is then not sent: endpoint rules, partitions, FIPS, dual stack and
 * access points stay its business. Undefined where it would sign in a way that is not plain Signature Version 4.
 */
export async function targetOf(root: S3Root): Promise<S3Target | undefined> {
  let seen: SignedRequest | undefined;
  const command = new PutObjectCommand({ Bucket: root.bucket, Key: PROBE, Body: PROBE });
  command.middlewareStack.add(
    () => async (args) => {
      seen = args.request as SignedRequest;
      return { response: {}, output: { $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'low', name: 'landfallTarget' },
  );
  // With options, even none, the client takes no handler from its cache, which would not know of this one, nor keeps it.
  await s3Guarded(`reach s3://${root.bucket}`, () => root.client.send(command, {}));
  if (seen === undefined) return undefined;
  const { protocol, hostname, port, path, headers } = seen;
  const [, region] = SCOPE.exec(headers['authorization'] ?? '') ?? [];
  if (region === undefined || !path.endsWith(`/${PROBE}`)) return undefined;
  return {
    isPlain: protocol === 'http:',
    hostname,
    port,
    host: headers['host'] ?? hostname,
    basePath: path.slice(0, -PROBE.length),
    region,
  };
}
