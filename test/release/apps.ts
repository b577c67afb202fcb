/** Apps as users of the package write them: in TypeScript, and in both kinds of JavaScript. */

const PROPS = "{ sources: [{ name: 'shop', namespace: 'web', url: 'oci://registry.example/shop' }] }";

export const TYPESCRIPT_APP = `
import { App, Stack } from 'aws-cdk-lib';
import { type PulledArtifact, pull, readStore, resolve } from 'landfall';
import { Landfall, type LandfallProps, Subscription } from 'landfall/cdk';
import { defineDeploy, kindHandler } from 'landfall/deploy';
import { DETAIL_SCHEMAS, type RevisionChangedEvent, rulePattern } from 'landfall/events';
import * as z from 'zod/mini';

const props: LandfallProps = ${PROPS};
const app = new App();
const stack = new Stack(app, 'Shop');
const landfall = new Landfall(stack, 'Landfall', props);
new Subscription(stack, 'Team', { bus: landfall.bus, source: 'web/shop', path: 'pages' });
// @ts-expect-error a key that there is not
new Landfall(stack, 'Other', { sauces: [] });

export const note = defineDeploy({
  kind: 'note',
  settings: z.object({ file: z.string() }),
  plan: async ({ settings }) => ({ changes: [], summary: settings.file }),
  step: async () => ({ state: 'succeeded' }),
});
export const handler = kindHandler(note);
export const revisionOf = (event: RevisionChangedEvent): string =>
  DETAIL_SCHEMAS['Artifact Revision Changed'].parse(event.detail).revision;
export const land = async (url: string): Promise<PulledArtifact> => pull((await resolve(url)).url, 'shop');
export const rule: readonly string[] = rulePattern({ source: 'web/shop' })['detail-type'];
export const store = readStore('.landfall');
`;

const SYNTH = `
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Shop');
const landfall = new Landfall(stack, 'Landfall', ${PROPS});
new Subscription(stack, 'Team', { bus: landfall.bus, source: 'web/shop', path: 'pages' });
app.synth();
`;

export const MODULE_APP = `
import { App, Stack } from 'aws-cdk-lib';
import { Landfall, Subscription } from 'landfall/cdk';
${SYNTH}`;

export const COMMONJS_APP = `
const { App, Stack } = require('aws-cdk-lib');
const { Landfall, Subscription } = require('landfall/cdk');
${SYNTH}`;

/** A kind of a team's own, of the package beside it. */
export const NOTE_KIND = `
import { appendFile } from 'node:fs/promises';
import { defineDeploy, deployFailed } from 'landfall/deploy';
import * as z from 'zod/mini';

export const note = defineDeploy({
  kind: 'note',
  settings: z.object({ file: z.string() }),
  plan: async ({ settings }) => ({ changes: [], summary: settings.file }),
  step: async ({ settings, revision }) => {
    if (settings.file === '') throw deployFailed('there is no file to write to');
    await appendFile(settings.file, revision.revision);
    return { state: 'succeeded' };
  },
});
`;

/** What the library is for, without a command. */
export const LIBRARY_SCRIPT = `
import { readStore, pull, push, resolve, VERSION } from 'landfall';

const [url, store] = process.argv.slice(2);
const access = { plainHttp: true };
const pushed = await push('site', url + ':2.0.0', access);
const resolved = await resolve(url, { ...access, semver: '>=1' });
const pulled = await pull(url + '@' + resolved.digest, 'pulled', access);
const refused = await resolve(url, { ...access, semver: '>=9' }).catch(({ code }) => code);
await using reader = await readStore(store);
const sources = await Array.fromAsync(reader.sources());
const status = await reader.status(sources[0]);
console.log(
  JSON.stringify({
    VERSION,
    pushed: pushed.digest === resolved.digest,
    resolved: resolved.tag,
    pulled: pulled.files.map(({ path }) => path),
    refused,
    landed: status.current.tag,
  }),
);
`;
