import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKubernetesSecret } from '../../shared/credentials/docker/kubernetes-secret.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { opensMoreThan } from '../../shared/kernel/open-brackets.ts';
import { BUNDLE_LIST, KUBERNETES_SECRET_BYTES, OPEN_BRACKETS } from '../../shared/limits.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { readDocuments } from '../../shared/source/file/yaml-document.ts';
import { readBundle } from '../../shared/verify/cosign/bundle-signature.ts';

test('brackets that are open at once are counted, of both kinds', () => {
  for (const [text, most, isMore] of [
    ['[{[', 3, false],
    ['[{[{', 3, true],
    ['[][][][]{}{}', 1, false],
    [']]]][[', 1, true],
    ['', 0, false],
  ] as const)
    assert.equal(opensMoreThan(text, most), isMore, text);
});

/** What is read of a Secret that is not one, beside what a parser that was asked says. */
const saidOf = (text: string): string => {
  try {
    parseKubernetesSecret(text, 'it');
  } catch (error) {
    assert.ok(isLandfallError(error));
    return error.message;
  }
  return '';
};

test('a document with more open brackets than anybody writes is not parsed, and one with as many is', () => {
  const [message] = readDocuments({ file: 'a.yaml', text: '['.repeat(OPEN_BRACKETS + 1) }).problems;
  assert.match(message?.message ?? '', /^nests too deeply to be read$/);
  assert.equal(saidOf('['.repeat(OPEN_BRACKETS + 1)), 'it nests too deeply to be read');
  assert.doesNotMatch(saidOf('['.repeat(OPEN_BRACKETS)), /too deeply/);
});

test('a Secret that is longer than Kubernetes keeps is not parsed, and one of that length is', () => {
  const text = (length: number): string => `kind: Secret\n#${'x'.repeat(length - 14)}`;
  assert.equal(text(20).length, 20);
  assert.match(saidOf(text(KUBERNETES_SECRET_BYTES + 1)), /is longer than 1048576 characters/);
  assert.match(saidOf(text(KUBERNETES_SECRET_BYTES)), /holds no Secret/);
});

test('a bundle with a long list is refused before anything is made of its entries', () => {
  const refusalOf = (entries: number): string => {
    const bundle = { verificationMaterial: { tlogEntries: Array(entries).fill({}) } };
    try {
      readBundle(Buffer.from(JSON.stringify(bundle)), digestOf('x'), 'it');
    } catch (error) {
      return isLandfallError(error) ? error.message : String(error);
    }
    return '';
  };
  assert.match(refusalOf(BUNDLE_LIST + 1), /it has a list of 129, wanted at most 128/);
  assert.match(refusalOf(BUNDLE_LIST), /it is no bundle of Sigstore/);
});
