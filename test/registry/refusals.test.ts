import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LandfallError } from '../../shared/errors.ts';
import { failure, ociError, sendJson, startClient, startScripted } from './scripted-registry.ts';

/** Google's where the path lacks the repository of the project, distribution's, ECR's. */
for (const [status, code, said] of [
  [400, 'NAME_INVALID', 'Request contains an invalid argument.'],
  [400, 'TAG_INVALID', 'manifest tag did not match URI'],
  [405, 'UNSUPPORTED', "Invalid parameter at 'imageTag'"],
] as const) {
  test(`a ${status} ${code} that the registry itself gives is no doubt of the URL or of plain HTTP`, async (t) => {
    const registry = await startScripted(t, (_, r) => sendJson(r, status, ociError(code, said)));
    await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), (error: LandfallError) => {
      assert.doesNotMatch(error.hint ?? '', /plain-http|is a registry/);
      return failure('REGISTRY_PROTOCOL', new RegExp(code), /check the repository and the tag/i)(error);
    });
  });
}

for (const body of ['Bad Request', '{"error":"Bad Request"}']) {
  test(`a 400 with ${body} is no registry's own, and may be that of a server for TLS`, async (t) => {
    const registry = await startScripted(t, (_, r) => void r.writeHead(400).end(body));
    await assert.rejects(
      startClient(t).manifest(registry.repository, 'v1'),
      failure('REGISTRY_PROTOCOL', /Bad Request/, /leave out --plain-http/),
    );
  });
}
