import assert from 'node:assert/strict';
import { formatRepository, parseReference } from '../../../shared/oci/reference.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const SHA = `sha256:${'5e'.repeat(32)}`;

/** What of a registry is meant: what is taken is read the same where it is printed, and can be nothing but path segments. */
export const target: FuzzTarget = {
  name: 'reference',
  seeds: [
    'oci://ghcr.io/stefanprodan/manifests/podinfo:6.9.2',
    `oci://127.0.0.1:5000/a@${SHA}`,
    `oci://docker.io/alpine:3.20@${SHA}`,
    'oci://[::1]:5000/team_a/app-x.y',
  ],
  words: [
    'oci://',
    'https://',
    '/',
    ':',
    '@',
    SHA,
    'sha512:',
    '..',
    '%2e',
    '?',
    '#',
    'index.docker.io',
    '[::1]',
    ':65536',
  ],
  judge: (input) => {
    const text = input.toString();
    const reference = taken(() => parseReference(text), 'REFERENCE_INVALID', 'DIGEST_INVALID');
    if (reference === undefined) return false;
    const { selector } = reference;
    const tag = 'tag' in selector ? `:${selector.tag}` : '';
    const digest = 'digest' in selector ? `@${selector.digest}` : '';
    const printed = `${formatRepository(reference)}${tag}${digest}`;
    assert.deepEqual(parseReference(printed), reference);
    const url = new URL(`https://${reference.registry}/v2/${reference.repository}/tags/list`);
    assert.equal(url.pathname, `/v2/${reference.repository}/tags/list`);
    assert.equal(url.username + url.password + url.search + url.hash, '');
    return true;
  },
  hostile: [
    ['a megabyte of host', () => Buffer.from(`oci://${'a-'.repeat(500_000)}/x`)],
    ['a megabyte of repository', () => Buffer.from(`oci://h/${'a__'.repeat(333_000)}!`)],
    ['a megabyte of slashes', () => Buffer.from(`oci://h/${'/a'.repeat(500_000)}`)],
    ['a megabyte of at', () => Buffer.from(`oci://h/a${'@'.repeat(1_000_000)}`)],
  ],
};
