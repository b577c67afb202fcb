import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { type Minted, mintAuthority } from '../../verify/minted-certificate.ts';
import { NAME } from '../../verify/notation-scene.ts';
import { plantFiles, REPOSITORY } from '../artifacts/sample-artifacts.ts';
import { landfall } from '../cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);

/** Whose customers the trust policy of these tests trusts; it signs lists, too. */
export const OURS = mintAuthority([-60, 60], '03020106');
const pemOf = ({ certificate }: Minted): string => certificate.toString();

export type Verdicts = readonly [ours: boolean, theirs: boolean];

/** What notation keeps, in a folder of its own: one key, a trust store and a trust policy. */
export async function openNotation(t: TestContext) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', { 'a.txt': 'one' });
  const home = join(folder.path, 'notation');
  const env = { ...process.env, XDG_CONFIG_HOME: folder.path, HOME: folder.path };
  const notation = (...argv: readonly string[]) => run('notation', argv, { cwd: folder.path, env });
  const put = (path: string, text: string): string => {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), text);
    return join(home, path);
  };
  const sign = async (by: Minted, authority = OURS, ...more: readonly string[]) => {
    const key = by.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const paths = { keyPath: put('key.pem', key), certPath: put('chain.pem', pemOf(by) + pemOf(authority)) };
    put('signingkeys.json', JSON.stringify({ default: 'k', keys: [{ name: 'k', ...paths }] }));
    await notation('sign', '--insecure-registry', ...more, `${registry.host}/${REPOSITORY}@${digest}`);
  };
  const verify = async (level = 'strict', identity = `x509.subject: ${NAME}`): Promise<Verdicts> => {
    const ca = put('truststore/x509/ca/ours/ca.pem', pemOf(OURS));
    const statement = {
      name: 'all',
      registryScopes: ['*'],
      signatureVerification: { level },
      trustStores: ['ca:ours'],
      trustedIdentities: [identity],
    };
    const trustPolicy = JSON.stringify({ version: '1.0', trustPolicies: [statement] });
    put('trustpolicy.json', trustPolicy);
    const verifyBy = {
      provider: 'notation',
      trustStores: [{ type: 'ca', name: 'ours', certificates: [{ file: ca }] }],
      trustPolicy: { pem: trustPolicy },
      local: true,
    };
    const source = { name: 'app', url: `oci://${registry.host}/${REPOSITORY}`, verify: verifyBy };
    const documents = put('sources.json', JSON.stringify({ sources: [source] }));
    const url = `${source.url}@${digest}`;
    const ours = await landfall(['verify', url, '--plain-http', '--source', 'app', '-f', documents]);
    const named = `${registry.host}/${REPOSITORY}@${digest}`;
    const theirs = await notation('verify', '--insecure-registry', named).then(
      () => true,
      () => false,
    );
    return [ours.code === 0, theirs];
  };
  return { registry, digest, sign, verify };
}
