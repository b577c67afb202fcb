import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { configurationInForce, documentsInForce } from '../../shared/source/in-force.ts';
import { composed, documents, followed } from './composed-entries.ts';

describe('a composed source of documents of which some are refused', () => {
  test('that turned bad stalls, and nothing else does', () => {
    const good = documents(composed('app', 'include: [{ source: lib }]'), followed('lib'), followed('other'));
    const before = documentsInForce([{ file: 'landfall.yaml', text: good }]);
    const bad = documents(composed('app', 'include: [{ source: app }]'), followed('lib'), followed('other'));
    const { sources, stalled } = configurationInForce(
      documentsInForce([{ file: 'landfall.yaml', text: bad }], before),
    );
    assert.deepEqual(sources.map(formatSourceId), ['web/lib', 'web/other']);
    assert.deepEqual(stalled.map(formatSourceId), ['web/app']);
    assert.match(stalled[0]?.message ?? '', /is composed of itself: web\/app → web\/app/);
  });

  for (const [onRefused, looked, kept] of [
    ['stall', ['web/lib'], []],
    ['keep', ['web/lib', 'web/app', 'web/app.base'], ['web/app', 'web/app.base']],
  ] as const)
    test(`that is refused itself takes the sources of its urls along: ${onRefused}`, () => {
      const text = (more: string): string =>
        documents(
          composed(
            'app',
            `url: "oci://r.example/app", onRefused: ${onRefused}, include: [{ source: lib }]${more}`,
          ),
          followed('lib'),
        );
      const before = documentsInForce([{ file: 'landfall.yaml', text: text('') }]);
      const now = documentsInForce([{ file: 'landfall.yaml', text: text(', nonsense: 1') }], before);
      const { sources, stalled } = configurationInForce(now);
      assert.deepEqual(sources.map(formatSourceId), looked);
      const all = ['web/app', 'web/app.base'];
      assert.deepEqual(stalled.map(formatSourceId), onRefused === 'stall' ? all : []);
      assert.deepEqual(now.kept.map(formatSourceId), kept);
    });

  test('is not refused for a part whose document is refused', () => {
    const good = documents(composed('app', 'include: [{ source: lib }]'), followed('lib'));
    const before = documentsInForce([{ file: 'landfall.yaml', text: good }]);
    const bad = documents(composed('app', 'include: [{ source: lib }]'), followed('lib', ', nonsense: 1'));
    const { sources, stalled, waiting } = configurationInForce(
      documentsInForce([{ file: 'landfall.yaml', text: bad }], before),
    );
    assert.deepEqual(sources.map(formatSourceId), ['web/app']);
    assert.deepEqual(stalled.map(formatSourceId), ['web/lib']);
    assert.deepEqual(waiting?.map(formatSourceId), ['web/lib'], 'by which it is judged');
  });

  const FOREIGN = composed('app', 'include: [{ source: web/lib }]', 'ops');
  for (const [what, before, broken, message] of [
    ['is held to the last good document of a part', followed('lib'), ', nonsense: 1', /does not let ops in/],
    [
      'is let in by the last good document of a part',
      followed('lib', ', accessFrom: [ops]'),
      ', nonsense: 1',
      undefined,
    ],
    [
      'stalls where no document of the part was ever good',
      followed('other'),
      ', accessFrom: [ops], nonsense: 1',
      /web\/lib is in no document that can be read: it cannot be seen whether it lets ops in/,
    ],
  ] as const)
    test(`of another namespace's part ${what}, while documents are refused`, () => {
      const good = documentsInForce([{ file: 'landfall.yaml', text: documents(before) }]);
      const bad = documents(FOREIGN, followed('lib', broken));
      const { sources, stalled } = configurationInForce(
        documentsInForce([{ file: 'landfall.yaml', text: bad }], good),
      );
      const isIt = (source: SourceId): boolean => formatSourceId(source) === 'ops/app';
      assert.equal(sources.some(isIt), message === undefined);
      if (message !== undefined) assert.match(stalled.find(isIt)?.message ?? '', message);
    });
});
