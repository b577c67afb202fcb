/** The library, `import … from 'landfall'`: what the commands of the same names do, without a terminal. */
export { LandfallError } from '../shared/errors.ts';
export type { ArtifactRecord } from '../shared/model/artifact-record.ts';
export type { ArtifactId, SourceId } from '../shared/model/ids.ts';
export type { Status } from '../shared/model/status.ts';
export { VERSION } from '../shared/version.ts';
export { type PulledArtifact, type PullOptions, pull } from './pull.ts';
export { type PushedArtifact, type PushOptions, push } from './push.ts';
export type { RegistryAccess } from './registry-access.ts';
export { resolve } from './resolve.ts';
export { readStore, type StoreReader } from './store-reader.ts';
export type { Resolved, ResolveOptions, TagChoice } from './target.ts';
export { type VerifiedArtifact, verify, type WantedSignatures } from './verify.ts';
