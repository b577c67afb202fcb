import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordRefusedDocument } from '../../shared/reconcile/record-refused-document.ts';
import { configurationInForce, documentsInForce } from '../../shared/source/in-force.ts';
import { openWorld } from '../support/stores/memory-sources.ts';

const REFUSED: readonly (readonly [why: string, body: string])[] = [
  ['a key that is none', 'url: "oci://r.example/app", include: [{ source: lib }], nonsense: 1'],
  ['a path that leaves', 'include: [{ source: lib, to: "../x" }]'],
  ['itself among its parts', 'include: [{ source: app }]'],
];

for (const [why, body] of REFUSED)
  test(`a new composed source that is refused for ${why} is told, and has a status`, async () => {
    const world = openWorld();
    const text = `sources:
  - { name: app, namespace: web, ${body} }
  - { name: lib, namespace: web, url: "oci://r.example/lib" }
`;
    const { stalled } = configurationInForce(documentsInForce([{ file: 'landfall.yaml', text }]));
    const [app, ...others] = stalled.filter(({ name }) => name === 'app');
    assert.ok(app && others.length === 0);
    const { outcome } = await recordRefusedDocument({ ...app, trigger: 'schedule' }, world);
    assert.equal(outcome, 'failed');
    const [event] = world.events('Source Reconcile Failed');
    assert.ok(event?.['detail-type'] === 'Source Reconcile Failed');
    assert.deepEqual(
      [event.detail.namespace, event.detail.name, event.detail.url],
      ['web', 'app', 'landfall://web/app'],
    );
  });
