import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { foldKey } from '../../shared/oci/json-shape.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';

const DESCRIPTOR = `"mediaType":"application/x","digest":"${digestOf('x')}","size":1`;
const manifest = (more: string, layer = DESCRIPTOR, config = DESCRIPTOR): string =>
  `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","config":{${config}},"layers":[{${layer}}]${more}}`;
const index = (more: string, child = DESCRIPTOR): string =>
  `{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[{${child}}]${more}}`;

const parse = (text: string) => parseManifest(Buffer.from(text), digestOf(text));

/** Go's encoding/json takes each for the known key, and the last one wins. */
const FOLDED: readonly (readonly [what: string, text: string, key: string])[] = [
  ['Layers', manifest(',"Layers":[]'), 'layers'],
  ['layerſ, with a long s', manifest(',"layerſ":[]'), 'layers'],
  ['layerſ, escaped', manifest(',"layer\\u017f":[]'), 'layers'],
  ['LAYERS, with nothing in it', manifest(',"LAYERS":null'), 'layers'],
  ['Config', manifest(',"Config":{}'), 'config'],
  ['MediaType', manifest(`,"MediaType":"${OCI_INDEX}"`), 'mediaType'],
  ['mediatype', manifest(`,"mediatype":"${OCI_INDEX}"`), 'mediaType'],
  ['SchemaVersion', manifest(',"SchemaVersion":1'), 'schemaVersion'],
  ['Subject', manifest(',"Subject":null'), 'subject'],
  ['ArtifactType', manifest(',"ArtifactType":"x"'), 'artifactType'],
  ['Annotations', manifest(',"Annotations":{}'), 'annotations'],
  ['Manifests in a manifest', manifest(',"Manifests":[]'), 'manifests'],
  ['Manifests in an index', index(',"Manifests":[]'), 'manifests'],
  ['Digest of a layer', manifest('', `${DESCRIPTOR},"Digest":"${digestOf('y')}"`), 'digest'],
  ['ſize of a layer', manifest('', `${DESCRIPTOR},"ſize":2`), 'size'],
  ['URLs of a layer', manifest('', `${DESCRIPTOR},"URLs":["http://x"]`), 'urls'],
  ['Digest of the config', manifest('', DESCRIPTOR, `"Digest":"x",${DESCRIPTOR}`), 'digest'],
  ['Digest of the subject', manifest(`,"subject":{${DESCRIPTOR},"Digest":"x"}`), 'digest'],
  ['Annotations of a child', index('', `${DESCRIPTOR},"Annotations":{}`), 'annotations'],
  ['Platform of a child', index('', `${DESCRIPTOR},"Platform":{}`), 'platform'],
  ['OS of a platform', index('', `${DESCRIPTOR},"platform":{"os":"linux","OS":"windows"}`), 'os'],
  ['oſ of a platform', index('', `${DESCRIPTOR},"platform":{"oſ":"windows"}`), 'os'],
  ['OS.Version of a platform', index('', `${DESCRIPTOR},"platform":{"OS.Version":"1"}`), 'os.version'],
  ['the only layers, in another case', manifest('').replace('"layers"', '"LAYERS"'), 'layers'],
];

describe('a key that is a known one but for case is refused', () => {
  for (const [what, text, key] of FOLDED) {
    test(what, () => {
      assert.throws(() => parse(text), {
        code: 'MANIFEST_INVALID',
        message: new RegExp(`another spelling of "${key.replace('.', '\\.')}"`),
      });
    });
  }
});

test('keys fold as Go folds them: letters, the long s and the Kelvin sign, and nothing else', () => {
  assert.equal(foldKey('\u212aEY\u017f'), 'keys');
  for (const other of ['ß', 'ﬁ', 'é', 'layers ', 'layer\u0455']) assert.notEqual(foldKey(other), 'layers');
  assert.notEqual(foldKey('ſs'), 'ß');
});

/** What Go refuses for an int64, and JavaScript takes for the same number. */
const NUMBERS: readonly (readonly [what: string, text: string])[] = [
  ['a size with a fraction of zero', manifest('', DESCRIPTOR.replace('"size":1', '"size":5.0'))],
  ['a size with an exponent', manifest('', DESCRIPTOR.replace('"size":1', '"size":1e3'))],
  ['a size of minus zero', manifest('', DESCRIPTOR.replace('"size":1', '"size":-0'))],
  ['a size over 2^63', manifest('', DESCRIPTOR.replace('"size":1', '"size":9223372036854775808'))],
  ['a size over 2^53', manifest('', DESCRIPTOR.replace('"size":1', '"size":9007199254740993'))],
  ['schemaVersion 2.0', manifest('').replace('"schemaVersion":2', '"schemaVersion":2.0')],
  ['schemaVersion 2e0', manifest('').replace('"schemaVersion":2', '"schemaVersion":2e0')],
  ['schemaVersion 20e-1', index('').replace('"schemaVersion":2', '"schemaVersion":20e-1')],
];

describe('a number that readers disagree on is refused', () => {
  for (const [what, text] of NUMBERS) {
    test(what, () => assert.throws(() => parse(text), { code: 'MANIFEST_INVALID' }));
  }
});

test('numbers where nobody wants a whole one are as they are', () => {
  assert.equal(parse(manifest(',"future":{"size":1e3,"ratio":[0.5,-0,1E-2]}')).kind, 'manifest');
});

test('blanks, escapes, brackets and commas in texts lead no reader astray', () => {
  const text = manifest(
    ' , "x" : [ ] , "y" : { } , "z\\"{[,": "}]\\\\" , "annotations" : { "a" : "\\"layers\\":[" } ',
  );
  assert.deepEqual(parse(text).annotations, { a: '"layers":[' });
  assert.throws(() => parse(manifest(',"y":{"a":[{}],"a":1}')), /"a" appears twice/);
});
