import type { CallOptions } from '../../kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { Source, StalledSource } from '../../source/source.ts';
import { parseDerived } from '../../store/derived.ts';
import { CONFIGURATION_KEY } from '../../store/layout.ts';
import { type SourceMatcher, sourceMatcher } from '../../trigger/match-sources.ts';
import type { BucketReader } from '../s3/bucket-reader.ts';
import { type Compiled, compiledSchema, sourcesOf } from './compiled.ts';

/** The configuration in force, made ready to be looked things up in. */
export interface ConfigurationInForce {
  readonly compiled: Compiled;
  readonly matcher: SourceMatcher;
  readonly sources: readonly Source[];
  sourceOf(id: SourceId): Source | undefined;
  stalledOf(id: SourceId): StalledSource | undefined;
}

export function openCompiled(compiled: Compiled): ConfigurationInForce {
  const stalled = new Map(compiled.stalled.map((source) => [formatSourceId(source), source]));
  const all = sourcesOf(compiled);
  const sources = new Map(all.map((source) => [formatSourceId(source), source]));
  return {
    compiled,
    matcher: sourceMatcher([...sources.values()]),
    sources: all,
    sourceOf: (id) => sources.get(formatSourceId(id)),
    stalledOf: (id) => stalled.get(formatSourceId(id)),
  };
}

/**
 * Reads the configuration in force, asked about every time and downloaded only where it changed. Where there is none,
 * or one of another version, `refresh` makes it.
 * @throws LandfallError STORE_* and what `refresh` throws
 */
export function configurationReader({
  reader,
  refresh,
}: {
  readonly reader: Pick<BucketReader, 'getIfChanged'>;
  readonly refresh: (options?: CallOptions) => Promise<Compiled>;
}): (options?: CallOptions) => Promise<ConfigurationInForce> {
  let known: { readonly inForce: ConfigurationInForce; readonly version: string } | undefined;
  return async (options) => {
    const read = await reader.getIfChanged(CONFIGURATION_KEY, known?.version, options);
    if (read === 'unchanged' && known !== undefined) return known.inForce;
    const compiled =
      read === undefined || read === 'unchanged' ? undefined : parseDerived(compiledSchema, read.bytes);
    if (compiled === undefined || read === undefined || read === 'unchanged')
      return openCompiled(await refresh(options));
    known = { inForce: openCompiled(compiled), version: read.version };
    return known.inForce;
  };
}
