import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LandfallError } from '../../../shared/errors.ts';
import { ALICE, failure, ociError, sendJson, startClient } from '../scripted-registry.ts';
import { startBearer } from './bearer-registry.ts';

test('a token that a registry says again is told no further: found by simulation, seed 10', async (t) => {
  const registry = await startBearer(t, {
    valid: new Set(),
    token: (_, response) => sendJson(response, 200, { token: 'secret-token' }),
    refuse: (_, response) => sendJson(response, 403, ociError('DENIED', 'secret-token may not read')),
  });
  await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), (error: LandfallError) => {
    assert.doesNotMatch(JSON.stringify([error.message, error.detail, error.hint]), /secret-token/);
    return failure('FORBIDDEN', /\*\*\* may not read/)(error);
  });
});

test('a password is told no further either, encoded as for the token service, where a token was sent', async (t) => {
  const encoded = Buffer.from('alice:wonder:land').toString('base64');
  const registry = await startBearer(t, {
    valid: new Set(),
    token: (_, response) => sendJson(response, 200, { token: 'secret-token' }),
    refuse: (_, response) => sendJson(response, 403, ociError('DENIED', `${encoded} (wonder:land) may not`)),
  });
  const client = startClient(t, { credential: ALICE });
  await assert.rejects(
    client.manifest(registry.repository, 'v1'),
    failure('FORBIDDEN', /saying "DENIED: \*\*\* \(\*\*\*\) may not"/),
  );
});
