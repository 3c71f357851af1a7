import {
  choice,
  count,
  listOf,
  nested,
  text,
  textMap,
  truth,
  uuid,
  type Fields,
} from './marshmallow.ts'

/** The architectures of images, recipes and jobs. */
const architectures = ['aarch64', 'x86_64'] as const

const link: Fields = {
  path: text({ required: true, blank: 'name field must not be blank' }),
  etag: text(),
  type: choice(['s3'], { required: true, said: 'Type must be one of' }),
}
const name = text({ required: true, blank: 'name field must not be blank' })
const arch = choice(architectures)

/** What a remote build node is made of. */
export const buildNode: Fields = { xname: name }
/** What a public key is made of. */
export const publicKey: Fields = {
  name,
  public_key: text({ required: true, blank: 'public_key field must not be blank' }),
}
/** What an image is made of. */
export const image: Fields = {
  name,
  link: nested(link, { nullable: true }),
  arch,
  metadata: textMap(),
}
/** What may be changed of an image. */
export const imagePatch: Fields = {
  link: nested(link),
  arch,
  metadata: nested({
    operation: choice(['set', 'remove'], { required: true }),
    key: text({ required: true }),
    value: text(),
  }),
}
/** What brings a deleted record back. */
export const undeletion: Fields = {
  operation: choice(['undelete'], { required: true, said: 'Recipe type must be one of' }),
}

const templateValue: Fields = {
  key: text({ required: true }),
  value: text({ required: true }),
}
/** What a recipe is made of. */
export const recipe: Fields = {
  name,
  link: nested(link, { nullable: true }),
  recipe_type: choice(['kiwi-ng', 'packer'], {
    required: true,
    said: 'Recipe type must be one of',
  }),
  linux_distribution: choice(['sles12', 'sles15', 'centos7'], {
    required: true,
    said: 'Recipe type must be one of',
  }),
  template_dictionary: listOf(templateValue, { nullable: true }),
  require_dkms: truth(),
  arch,
}

const tooSmall = 'build_env_size must be greater than or equal to 1'
/** What a job is made of. */
export const job: Fields = {
  artifact_id: uuid({ required: true }),
  public_key_id: uuid({ required: true }),
  job_type: choice(['create', 'customize'], { required: true, said: 'Job type must be one of' }),
  image_root_archive_name: text({
    required: true,
    blank: 'image_root_archive_name field must not be blank',
  }),
  enable_debug: truth(),
  build_env_size: count(tooSmall),
  kernel_file_name: text(),
  initrd_file_name: text({ blank: 'initrd_file_name field must not be blank' }),
  kernel_parameters_file_name: text({
    blank: 'kernel_parameters_file_name field must not be blank',
  }),
  ssh_containers: listOf({ name: text(), jail: truth() }, { nullable: true }),
  require_dkms: truth(),
  job_mem_size: count(tooSmall),
}
