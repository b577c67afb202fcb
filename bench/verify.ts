import { generateKeyPairSync, sign } from 'node:crypto';
import type { Verification } from '../shared/model/verification.ts';
import { policyInForce } from '../shared/verify/in-force/policy-in-force.ts';
import { verifyDigest } from '../shared/verify/verify.ts';
import { verified as heldToIdentity, OURS, repository, scene } from '../test/verify/keyless-scene.ts';
import {
  envelopeOf,
  verified as heldToNotation,
  pushEnvelope,
  scene as toEnvelope,
} from '../test/verify/notation-scene.ts';
import { WORKFLOW } from '../test/verify/scaffold.ts';
import { payloadOf, pushBundle, pushLayers } from '../test/verify/signing.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { milliseconds } from './support/figures/format.ts';
import { median } from './support/figures/statistics.ts';

/** Of a signature, once warm. */
const TARGET_MS = 120;

type Verify = () => Promise<Verification>;

async function byKey(): Promise<Verify> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { registry, digest } = scene();
  const payload = payloadOf(digest);
  pushLayers(registry, digest, [
    { payload, signature: sign('sha256', payload, privateKey).toString('base64') },
  ]);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return async () => {
    const policy = await policyInForce(
      { provider: 'cosign', keys: [{ pem }], identities: [], transparencyLog: false, require: 'any' },
      {},
    );
    return verifyDigest({ repository, digest, policy }, registry);
  };
}

async function byIdentity(): Promise<Verify> {
  const at = scene();
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW));
  return () => heldToIdentity(at);
}

async function byNotation(): Promise<Verify> {
  const at = await toEnvelope();
  pushEnvelope(at, await envelopeOf(at));
  return () => heldToNotation(at);
}

const WAYS = [
  ['a key', byKey],
  ['an identity, with its certificate, log entry and time', byIdentity],
  ['notation, with its chain', byNotation],
] as const;

/** What one verification takes of the CPU, the first and then in the middle; the registry is in memory. */
async function costOf(
  verify: Verify,
  turns: number,
): Promise<{ readonly firstMs: number; readonly warmMs: number }> {
  const times: number[] = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    const began = process.cpuUsage();
    const { signatures } = await verify();
    if (signatures.length !== 1) throw new Error(`wanted one signature, got ${signatures.length}`);
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / 1000);
  }
  const [firstMs = Number.NaN, ...warm] = times;
  return { firstMs, warmMs: median(warm) };
}

async function run({ quick }: BenchContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [what, open] of WAYS) {
    const { firstMs, warmMs } = await costOf(await open(), quick ? 20 : 200);
    figures.push({
      what: `CPU to verify what was signed by ${what} (the first time ${milliseconds(firstMs)})`,
      measured: milliseconds(warmMs),
      target: `≤ ${TARGET_MS} ms`,
      met: warmMs <= TARGET_MS,
    });
  }
  return figures;
}

export const bench: Bench = { name: 'verify', about: 'What a signature costs', needs: [], run };
