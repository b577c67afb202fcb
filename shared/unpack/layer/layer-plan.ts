import type { Descriptor } from '../../oci/descriptor.ts';

/** What is done with one layer's bytes. */
export type LayerStep =
  /** `whiteouts`: `.wh.` names take away what lower layers have; otherwise they are plain files. */
  | { readonly action: 'untar'; readonly layer: Descriptor; readonly whiteouts: boolean }
  /** ORAS: the blob is the file. */
  | { readonly action: 'file'; readonly layer: Descriptor; readonly path: string }
  /** ORAS: a packed folder; every entry must be under `path`. */
  | { readonly action: 'untar-under'; readonly layer: Descriptor; readonly path: string }
  /** The blob as it is, under a fixed name. */
  | { readonly action: 'archive'; readonly layer: Descriptor; readonly path: string };

/** Bottom first. A later step's entries win over an earlier's. */
export type LayerPlan = readonly LayerStep[];
