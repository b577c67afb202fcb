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
  abortable aborted about access acknowledgements acr action actions address after again age agent alarm alert
  algorithm alias aliases alone and annotations any app apply applying approval approve archive asked assets assumed
  at attestation attested auth authorization authorize aws azure back background bar base bearer before begin behind
  bind binding blob block body bound bounded bracket bridge bucket buffer bundling button by byte cache call caller
  cancelled cbor certificate certified chain change changed chart chat check checked child choice choose chosen cidr
  claimed classification clear cli client clock closed cloud cloudevents cloudformation cloudwatch code coding colour
  column command commands committed common comparator compare compared compile compiled complain complete completion
  compose compression config configured conflict conjunction connections connector console constant construct consumer
  context copy cose cosign count counter create credential current d daily dashboard decide decided decimal decode
  decompress default define defined definition delayed delete deliver dependencies deployed deployer deployment
  deploys deps depth der described descriptor destination detail diff difference differs directory discord dispose
  distinguished distribution docker document duplicate durable duration each ecr ecs edits egress email empty encoding
  end ended entra entries entry env environment error escaped event eventbridge events exchange exclusive executed
  exit explain explaining exporter exposition extension extract fact failed failure fan features fetched fetcher field
  file filesystem filter find first fit fixed flags flight flush flux folder follow followed following force foreign
  form format formation forwarder found frames from fsck function gar gauged generic get ghcr git gitea github gitlab
  given glob go google grants grid group guard gzip handler harbor head header heard held helm help histogram history html
  http hub id identity ignore image import imported in included index infra init input inspect installation installed
  invalidation invocation issue issuer item jfrog json judge judged judging jump jws jwt kept kernel key keyed kind
  kms known kubernetes label labels lambda landed landfall large later layer left level limited line link list listed
  listen listener listing liveness living loaded local located location lock logged login logout lookup loop make many
  map mapped mask masked match matched matcher matches materialize meaning meant media meets membership memory merge
  metadata metered method metric missing mode model module move moved multipart name named nearest nested network new
  next nexus no node not notation notes now number numeric object observe observed observer oci of oidc on once open
  opened opening operator option options or order out outgoing output over overdue overrides own paced pack package
  packed packets page pagerduty pages paint parameters parsed part passed patch path pattern pax peek peer pending
  permission ping pipeline placed plain planned planning platform policy polled ports post predicate prepared
  printable private process program progress props provenance proxy public pull pulled push pushed put quay query
  quoted range ranking rate reach read reader readiness reading ready receive received receiving recent recovered
  redirect ref reference referred referrer refresh refuse refused region registry reject release remembered remote
  removal remove reopen repeated replay reported repository requested requirement resolution resolver resource result
  resume retain retained retention retry reused revocation revoked role rollback root route rule run running runtime s
  said same sample sbom scalar schedule scheduled scheduler schema scheme scope scripts sdk search secret seek seen
  segments selected selection selector self send sender serve server service serving session set setting settled
  shared shares shell show shown side signable signature signed signer signing simple skip slack small smtp snapshot
  snapshots sns sources spec specificity spent sqs staged stamp stamped stamps standard start state statement static
  stored stream stretch strict sts subject subscriber suspend suspended swap swept switched syntax table tag tagged
  tail take taken tar target task teams template temporary terminal test text thread through time tip titles tls to
  token topic trace tracing transport tree trust trusted try tuf type typed unchanged under undici units unlandable
  unmapped unpacked unread unreadable unstarted until unverified update upload uri url usage use user validate value
  variables verification verified verifier version versioned viewer visited vulnerability wait waiting walk wanted was
  watch watched way webhook what whole wildcard window wire with word write writer written xml yaml zip zot zstd
`
    .trim()
    .split(/\s+/),
);

const FOLDERS = ['shared', 'functions', 'infra', 'local', 'cli', 'console'];

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
