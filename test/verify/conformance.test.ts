import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { test } from 'node:test';
import { bundleFromJSON, type SerializedBundle } from '@sigstore/bundle';
import { judgeSignature } from '../../shared/verify/cosign/judge-signature.ts';
import { readTrustedRoot } from '../../shared/verify/cosign/trusted-root.ts';
import type { FoundSignature } from '../../shared/verify/found/found-signature.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';

/** `test/assets/bundle-verify` of https://github.com/sigstore/sigstore-conformance, which is not committed. */
const FOLDER = env['LANDFALL_SIGSTORE_CONFORMANCE'] ?? '';
const skip = existsSync(FOLDER)
  ? false
  : 'LANDFALL_SIGSTORE_CONFORMANCE is not test/assets/bundle-verify of sigstore-conformance';

const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';

/** What cosign's forms are read by is of images; these are of files: the same judge with what they sign. */
function foundIn(json: SerializedBundle, artifact: Buffer): FoundSignature {
  const bundle = bundleFromJSON(json);
  const { content } = bundle;
  if (content.$case === 'messageSignature') {
    const { messageDigest, signature } = content.messageSignature;
    const digest = createHash('sha256').update(artifact).digest();
    assert.ok(messageDigest.digest.equals(digest), 'the digest is of another artifact');
    return { found: 'vector', bundle, artifact, signed: artifact, signature };
  }
  const { payload, payloadType, signatures } = content.dsseEnvelope;
  const [signature] = signatures;
  assert.ok(signature !== undefined && signatures.length === 1, 'one signature');
  const statement: unknown = JSON.parse(payload.toString('utf8'));
  const hex = createHash('sha256').update(artifact).digest('hex');
  assert.ok(JSON.stringify(statement).includes(`"sha256":"${hex}"`), 'another subject');
  const before = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `);
  return { found: 'vector', bundle, signed: Buffer.concat([before, payload]), signature: signature.sig };
}

async function decide(name: string): Promise<boolean> {
  const read = (file: string): Buffer | undefined => {
    const path = join(FOLDER, name, file);
    return existsSync(path) ? readFileSync(path) : undefined;
  };
  try {
    const root = read('trusted_root.json')?.toString();
    const key = read('key.pub')?.toString();
    const identity = {
      issuer: read('issuer')?.toString().trim() ?? ISSUER,
      subject: read('identity')?.toString().trim() ?? IDENTITY,
    };
    const policy = await policyInForce(
      {
        provider: 'cosign',
        keys: key === undefined ? [] : [{ pem: key }],
        identities: key === undefined ? [identity] : [],
        transparencyLog: true,
        require: 'any',
        ...(root !== undefined && { trustedRoot: { pem: root } }),
      },
      {},
    );
    assert.ok(policy.provider === 'cosign');
    const artifact = read('artifact') ?? readFileSync(join(FOLDER, 'a.txt'));
    const json = JSON.parse(String(read('bundle.sigstore.json'))) as SerializedBundle;
    const trust = policy.root && readTrustedRoot(policy.root.text, name);
    judgeSignature(foundIn(json, artifact), policy, trust);
    return true;
  } catch {
    return false;
  }
}

test('every vector of sigstore-conformance is decided as the suite wants', {
  skip,
}, async (t) => {
  const names = readdirSync(FOLDER, { withFileTypes: true }).filter((each) => each.isDirectory());
  const missed: string[] = [];
  for (const { name } of names) {
    const isTaken = await decide(name);
    if (isTaken === name.endsWith('_fail')) missed.push(`${name}: ${isTaken ? 'taken' : 'refused'}`);
  }
  t.diagnostic(`${names.length - missed.length} of ${names.length} as the suite wants`);
  for (const miss of missed) t.diagnostic(miss);
  assert.ok(names.length >= 60, `${names.length} vectors`);
  assert.deepEqual(missed, []);
});
