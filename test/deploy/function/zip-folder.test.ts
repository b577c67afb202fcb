import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { zipFolder } from '../../../shared/deploy/function/zip-folder.ts';
import type { DeployArtifact } from '../../../shared/deploy/kit/deploy-context.ts';
import { FUNCTION_UNPACKED_BYTES, FUNCTION_ZIP_BYTES } from '../../../shared/limits.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { skipWithout } from '../../support/programs/tool.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const FILES = { 'index.js': 'exports.handler = async () => 1;\n', 'bin/run.sh': '#!/bin/sh\n', 'ü/leer': '' };

function artifactOf(files: Readonly<Record<string, Uint8Array | string>>): DeployArtifact {
  const clock = new SleepingClock();
  const aws = accessAt('http://127.0.0.1:1', clock);
  return kindContext({ kind: 'function', settings: {}, files, aws, clock }).artifact;
}

/** As if it had a file of this size. */
const sized = (size: number, content: Uint8Array): DeployArtifact => ({
  ...artifactOf({}),
  files: [{ path: 'large', size, sha256: '', mode: 0o644 }],
  read: async () => content,
});

describe('a zip of an artifact', () => {
  test('has its files, and nothing of when and where it was made', async () => {
    const zip = await zipFolder(artifactOf(FILES));
    const unzipped = Object.entries(unzipSync(zip)).map(([path, bytes]) => [
      path,
      Buffer.from(bytes).toString(),
    ]);
    assert.deepEqual(Object.fromEntries(unzipped), FILES);
    // Lambda's CodeSha256 is what says that there is nothing to do: a new one here uploads each function once more.
    const sha256 = createHash('sha256').update(zip).digest('hex');
    assert.equal(sha256, '7fdeaabf402db8e5388cb0e03e2cef26888737194fc12e05e2aece39f27c6e98');
  });

  test('is the same in each time zone', async () => {
    const zone = process.env['TZ'];
    const zips: string[] = [];
    try {
      for (const each of ['UTC', 'Pacific/Kiritimati', 'America/Anchorage']) {
        process.env['TZ'] = each;
        zips.push(Buffer.from(await zipFolder(artifactOf(FILES))).toString('base64'));
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
    assert.equal(new Set(zips).size, 1);
  });

  test('is what other tools read, with programs that can be run', {
    skip: skipWithout(['python3'], 'the second opinion on a zip'),
  }, async (t) => {
    const folder = await temporaryFolder();
    t.after(() => folder.remove());
    const path = join(folder.path, 'a.zip');
    await writeFile(path, await zipFolder(artifactOf(FILES)));
    const script = `import zipfile,sys
z=zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist(): print(i.filename, oct(i.external_attr >> 16), i.file_size, i.date_time[0])`;
    const { stdout, stderr } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.deepEqual(stdout.trim().split('\n'), [
      'bin/run.sh 0o100755 10 1980',
      'index.js 0o100644 33 1980',
      'ü/leer 0o100644 0 1980',
    ]);
  });

  test('is not begun where Lambda would not take what it unpacks to', async () => {
    const most = sized(FUNCTION_UNPACKED_BYTES, Buffer.from('stands for it'));
    assert.ok((await zipFolder(most)).byteLength > 0);
    const over = sized(FUNCTION_UNPACKED_BYTES + 1, Buffer.from(''));
    await assert.rejects(zipFolder(over), {
      code: 'DEPLOY_FAILED',
      message: /262144001 bytes, over the 262144000/,
    });
  });

  test('ends where a request cannot have it', async () => {
    // What cannot be compressed, and so is as large.
    const noise = Buffer.alloc(FUNCTION_ZIP_BYTES + 1);
    for (let at = 0, seed = 1; at < noise.length; at += 1) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      noise[at] = seed >>> 24;
    }
    let reads = 0;
    const large = sized(noise.length, noise);
    const files = [...large.files, ...large.files].map((file, at) => ({ ...file, path: `${at}`, size: 1 }));
    const read = async (): Promise<Uint8Array> => {
      reads += 1;
      return noise;
    };
    await assert.rejects(zipFolder({ ...large, files, read }), {
      code: 'DEPLOY_FAILED',
      message: /the zip has/,
    });
    assert.equal(reads, 1, 'what comes after is not read');
  });
});
