import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, readPage } from './markdown.ts';

/**
 * Ordinary words of the field, of protocols and of other people's products, that need no meaning of ours. A word that
 * is made up for a thing of Landfall's does not belong here but in docs/glossary.md.
 */
const ORDINARY: ReadonlySet<string> = new Set(
  `
  abortable about access and swap acknowledgements acr address after again agent alarms algorithm aliases alone
  annotations any app apply applying asked assumed auth authorization authorize aws azure back background bar
  bearer begin behind binding blob block body bound bounded bridge bucket bundling by byte cache call caller
  cancelled certificate change changed chart check checked child choice choose cidr claimed classification clear
  cli client clock closed cloud cloudevents code coding command common comparator compare compile compiled
  complain compose compression config configured conflict conjunction connections connector constant consumer
  context copy create credential current d daily dashboard decimal decode decompress delete deliver deployed
  deployer deployment deps depth descriptor detail diff difference directory distribution docker document
  duplicate durable duration each ecr empty encoding end ended entra entries entry env environment error escaped
  event eventbridge exchange exclusive exit explain explaining extension extract fact failed failure fan fetched
  field file filesystem filter fit flags flight flush flux folder follow followed force foreign format found
  frames fsck function gar generic get ghcr git gitea given glob go google grants grid group guard harbor head
  header heard held helm history http hub id identity ignore image in index infra input invocation issue issuer
  item jfrog json judge jwt kernel key keyed kind known kubernetes lambda landed landfall large later layer left
  level limited line link list listed listen listener listing liveness living loaded local located location lock
  logged login lookup loop make map mapped mask masked match matched matcher matches materialize meant media
  membership memory merge method metric missing mode model module multipart name named nearest network next
  nexus no node not notes number numeric object oci of oidc on once open opened opening operator options order
  out outgoing output overrides own paced pack package packed parsed part path pattern pax peek peer pending
  permission ping placed platform policy post prepared printable process program progress props proxy pull
  pulled push pushed put quay range ranking rate reach read reader readiness reading ready receive received
  receiving recent recovered redirect ref reference referred referrer refuse refused registry release remove
  reopen replay reported repository requested resolution resolver result resume retain retry role rollback root
  route rule run running runtime s said same sample scalar schedule scheduled scheduler schema scheme scope sdk
  secret seek seen segments selected selection send sender serve service serving setting settled shared shares
  shell shown signable signature signed signer small spec specificity spent sqs staged stamps standard start
  state static stored strict sts subject subscriber suspend swept syntax table tag tail tar target template
  temporary terminal test text time titles tls to token transport tree trusted try type typed unchanged under
  undici unlandable unmapped unpacked unread unreadable unstarted update upload uri url usage user validate
  variables verification verifier version versioned walk wanted was watch watched way webhook what wildcard
  window wire with word write writer written xml yaml zot zstd
`
    .trim()
    .split(/\s+/),
);

const FOLDERS = ['shared', 'functions', 'infra', 'local', 'cli'];

const FILES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(ROOT, folder, name), 'utf8') })),
);

/** `SiteManifest`, `read-site.ts`: the words of a name, in lower case, without numbers. */
const wordsOf = (name: string): readonly string[] =>
  (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) => word.toLowerCase());

/** A word as it is, and as the singular that it may be the plural of. */
const formsOf = (word: string): readonly string[] => [
  word,
  word.replace(/s$/, ''),
  word.replace(/es$/, ''),
  word.replace(/ie[sd]$/, 'y'),
];

const GLOSSARY: ReadonlySet<string> = new Set(
  readPage('docs/glossary.md')
    .prose.flatMap((line) => /^\| ([^|]+) \|/.exec(line)?.[1] ?? [])
    .filter((cell) => cell !== 'word')
    .flatMap((cell) => cell.match(/[a-z]+/g) ?? []),
);

const EXPORTED = /^export (?:abstract )?(?:type|interface|class) (\w+)/gm;

/** The words of a file's name and folders, and of the types that it exports, that nobody knows. */
function unknownWords(path: string, text: string): readonly string[] {
  const names = [path.replace(/\.ts$/, ''), ...Array.from(text.matchAll(EXPORTED), ([, name = '']) => name)];
  return names
    .flatMap(wordsOf)
    .filter((word) => !formsOf(word).some((form) => GLOSSARY.has(form) || ORDINARY.has(form)));
}

test('names of files and exported types are made of words of the glossary, or of the field', () => {
  const unknown = FILES.flatMap(({ path, text }) =>
    unknownWords(path, text).map((word) => `${path}: ${word}`),
  );
  assert.deepEqual(unknown, [], 'use a word of docs/glossary.md, or explain the new one there');
});

test('a word that was made up for a thing of ours is refused', () => {
  for (const [path, text] of [
    ['local/house.ts', ''],
    ['local/serve.ts', 'export interface House {}'],
    ['shared/trigger/queue.ts', 'export type ToldFault = string;'],
  ] as const)
    assert.equal(unknownWords(path, text).length, 1, `${path} ${text}`);
  assert.deepEqual(unknownWords('local/machine.ts', 'export interface SiteManifests {}'), []);
});

test('every word of the glossary is used in the code', () => {
  const used = new Set(FILES.flatMap(({ path, text }) => wordsOf(`${path} ${text}`).flatMap(formsOf)));
  assert.deepEqual(
    [...GLOSSARY].filter((word) => !used.has(word)),
    [],
  );
});

test('a word is in the glossary or ordinary, not both', () => {
  assert.deepEqual(
    [...ORDINARY].filter((word) => GLOSSARY.has(word)),
    [],
  );
});
