import {
  type DockerImageAssetLocation,
  type FileAssetLocation,
  type FileAssetSource,
  Fn,
  type ISynthesisSession,
  StackSynthesizer,
} from 'aws-cdk-lib';

/** A folder of the app's output that is to be a zip. */
export interface ZippedFolder {
  readonly folder: string;
  /** What the template calls it, behind its prefix. */
  readonly zip: string;
}

/** `receive` of `Landfall/Landfall/Functions/Receive/Function/Code`. */
function nameOf(displayName = ''): string {
  const parts = displayName.split('/').filter((part) => !['Function', 'Code'].includes(part));
  return (parts.at(-1) ?? '').replaceAll(/[^A-Za-z0-9]|Function$/g, '').toLowerCase();
}

/**
 * Files are where two parameters of the template say: in a bucket, behind a prefix, of whoever deploys it. Nothing that
 * `cdk bootstrap` makes is needed, and nothing of the CDK is left in the template.
 */
export class TemplateSynthesizer extends StackSynthesizer {
  readonly zips: ZippedFolder[] = [];
  readonly #bucket: string;
  readonly #prefix: string;

  /** @param parameters their names */
  constructor(parameters: { readonly bucket: string; readonly prefix: string }) {
    super();
    this.#bucket = parameters.bucket;
    this.#prefix = parameters.prefix;
  }

  override addFileAsset({ fileName = '', sourceHash, displayName }: FileAssetSource): FileAssetLocation {
    const zip = `${nameOf(displayName)}-${sourceHash.slice(0, 16)}.zip`;
    if (!this.zips.some((each) => each.zip === zip)) this.zips.push({ folder: fileName, zip });
    const bucketName = Fn.ref(this.#bucket);
    const objectKey = Fn.sub(`\${${this.#prefix}}${zip}`);
    const url = Fn.sub(`s3://\${${this.#bucket}}/\${${this.#prefix}}${zip}`);
    return { bucketName, objectKey, httpUrl: url, s3ObjectUrl: url };
  }

  override addDockerImageAsset(): DockerImageAssetLocation {
    throw new Error('an image is no file beside a template');
  }

  override synthesize(session: ISynthesisSession): void {
    this.synthesizeTemplate(session);
    this.emitArtifact(session);
  }
}
