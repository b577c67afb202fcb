import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configurationInForce, documentsInForce } from '../../shared/source/in-force.ts';

const SOURCES = 'sources:\n  - { name: app, namespace: web, url: "oci://r.example/app", ref: { tag: x } }\n';
const DEPLOYS =
  'deploys:\n  - { name: live, kind: directory, source: web/app, target: /srv/live, prune: true }\n';

/** What is in force where the file of deploys, which was good, is this now. */
function after(text: string, found: boolean) {
  const files = (deploys: string) => [
    { file: 'd/sources.yaml', text: SOURCES, found },
    { file: 'd/deploys.yaml', text: deploys, found },
  ];
  const before = documentsInForce(files(DEPLOYS));
  const now = documentsInForce(files(text), before);
  const { deploys } = configurationInForce(now);
  return { problems: now.problems.map(({ message }) => message), deploys: deploys.map(({ name }) => name) };
}

// An editor, a full disk or a copy leaves nothing of a file before it writes it: what was deployed was pruned meanwhile.
describe('a document that has nothing in it any more', () => {
  // A header of comments is what is left of a file that was cut off behind it.
  for (const found of [true, false])
    for (const text of ['', '\n\n', '# Deploys of team web\n', '# Licence\n---\n'])
      test(`is refused, and its deploys stay, ${found ? 'in a folder' : 'as it was named'}: ${JSON.stringify(text)}`, () => {
        const { problems, deploys } = after(text, found);
        assert.deepEqual(deploys, ['live']);
        assert.match(problems.join(), /^is empty, and was not when it was read last: .*`sources: \[\]`/);
      });

  test('stalls its sources', () => {
    const before = documentsInForce([{ file: 'a.yaml', text: SOURCES }]);
    const { stalled, problems } = documentsInForce([{ file: 'a.yaml', text: '' }], before);
    assert.deepEqual(
      stalled.map(({ name }) => name),
      ['app'],
    );
    assert.match(problems.map(({ message }) => message).join(), /`sources: \[\]`/);
  });

  for (const text of ['deploys: []\n', '# moved to another folder\ndeploys: []\n'])
    test(`is taken where it says so: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(after(text, true), { problems: [], deploys: [] });
    });

  test('is told alone where it never had anything', () => {
    const files = [
      { file: 'a.yaml', text: SOURCES },
      { file: 'b.yaml', text: '', found: true },
    ];
    assert.deepEqual(documentsInForce(files, documentsInForce(files)).problems, []);
  });
});
