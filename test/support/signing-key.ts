import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

/** An RSA key and its self-signed certificate, both PEM. Good for TLS on 127.0.0.1 and for signing tokens. */
export interface SigningKey {
  readonly key: string;
  readonly cert: string;
}

async function make(): Promise<SigningKey> {
  const folder = await temporaryFolder();
  try {
    const key = join(folder.path, 'key.pem');
    const cert = join(folder.path, 'cert.pem');
    const files = ['-keyout', key, '-out', cert];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '30',
      ...files,
      ...names,
    ]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await folder.remove();
  }
}

let made: Promise<SigningKey> | undefined;

/** One for the test file; needs openssl. No private key is kept in the repository. */
export function signingKey(): Promise<SigningKey> {
  made ??= make();
  return made;
}
