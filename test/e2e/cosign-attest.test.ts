import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { openRegistry } from '../embedded-registry/test-registry.ts';
import { plantFiles, REPOSITORY } from '../support/artifacts/sample-artifacts.ts';
import { landfall } from '../support/cli.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BUILDER, github, SOURCE, v02 } from '../verify/predicates.ts';

const skip = skipWithout(['cosign'], 'what cosign attests, and that Landfall holds it to a policy');
const run = promisify(execFile);

/** Nothing of it leaves this machine: no log, no TUF. */
async function openScene(t: TestContext) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', { 'a.txt': 'one' });
  const env = { ...process.env, HOME: folder.path, COSIGN_PASSWORD: '' };
  const cosign = (...argv: readonly string[]) => run('cosign', argv, { cwd: folder.path, env });
  await cosign('generate-key-pair');
  const put = (name: string, value: unknown): string => {
    writeFileSync(join(folder.path, name), JSON.stringify(value));
    return join(folder.path, name);
  };
  const named = `${registry.host}/${REPOSITORY}@${digest}`;
  const url = `oci://${registry.host}/${REPOSITORY}`;
  return {
    attest: (type: string, predicate: unknown, ...more: readonly string[]) =>
      cosign(
        ...['attest', '--yes', '--tlog-upload=false', '--allow-http-registry', '--use-signing-config=false'],
        ...[
          '--key',
          'cosign.key',
          '--type',
          type,
          '--predicate',
          put('predicate.json', predicate),
          ...more,
          named,
        ],
      ),
    verify: async (...attestations: readonly object[]): Promise<boolean> => {
      const policy = {
        ...{ provider: 'cosign', keys: [{ file: 'cosign.pub' }], transparencyLog: false },
        ...{ signature: false, attestations },
      };
      const documents = put('sources.json', { sources: [{ name: 'app', url, verify: policy }] });
      const argv = ['verify', `${url}@${digest}`, '--plain-http', '--source', 'app', '-f', documents];
      return (await landfall(argv)).code === 0;
    },
  };
}

const provenance = { type: 'provenance', builder: BUILDER, source: SOURCE, ref: 'refs/heads/main' };
for (const [form, ...more] of [
  ['bundles', '--new-bundle-format=true'],
  ['layers', '--new-bundle-format=false'],
] as const) {
  test(`what cosign attests as ${form} is held to a policy`, { skip }, async (t) => {
    const { attest, verify } = await openScene(t);
    assert.equal(await verify(provenance), false, 'before it is attested');
    await attest('slsaprovenance1', github(), ...more);
    assert.equal(await verify(provenance), true);
    assert.equal(await verify({ ...provenance, source: `${SOURCE}2` }), false);
    assert.equal(await verify(provenance, { type: 'sbom' }), false);
    await attest('cyclonedx', { bomFormat: 'CycloneDX', specVersion: '1.5' }, ...more);
    assert.equal(await verify(provenance, { type: 'sbom', format: 'cyclonedx' }), true);
    await attest('https://acme.example/test/v1', { result: 'PASSED' }, ...more);
    const tested = { type: 'predicate', predicateType: 'https://acme.example/test/v1' };
    assert.equal(await verify({ ...tested, where: [{ path: '$.result', equals: 'PASSED' }] }), true);
    assert.equal(await verify({ ...tested, where: [{ path: '$.result', equals: 'FAILED' }] }), false);
  });
}

test('what cosign attests as SLSA 0.2 and as a scan is held to a policy', { skip }, async (t) => {
  const { attest, verify } = await openScene(t);
  await attest('slsaprovenance', v02(`git+${SOURCE}@refs/heads/main`));
  assert.equal(await verify(provenance), true);
  const metadata = { scanStartedOn: new Date().toISOString(), scanFinishedOn: new Date().toISOString() };
  const result = { Results: [{ Vulnerabilities: [{ Severity: 'MEDIUM' }] }] };
  const scanner = {
    uri: 'pkg:github/aquasecurity/trivy',
    version: '0.1',
    db: { uri: '', version: '' },
    result,
  };
  await attest('vuln', {
    invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
    scanner,
    metadata,
  });
  assert.equal(await verify({ type: 'vulnerabilities', atMost: 'medium', maxAge: '1h' }), true);
  assert.equal(await verify({ type: 'vulnerabilities', atMost: 'low', maxAge: '1h' }), false);
});
