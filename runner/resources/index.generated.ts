// Written by `npm run generate` from the folders beside it.
import type { AnyResourceType } from '../contract/resource.ts'
import { authorizedKey } from './authorized_key/index.ts'
import { blkid } from './blkid/index.ts'
import { blockinfile } from './blockinfile/index.ts'
import { bootId } from './boot_id/index.ts'
import { bosComponent } from './bos_component/index.ts'
import { bosSession } from './bos_session/index.ts'
import { bosSessionTemplate } from './bos_session_template/index.ts'
import { bssBootparameters } from './bss_bootparameters/index.ts'
import { cephAuth } from './ceph_auth/index.ts'
import { cephHealth } from './ceph_health/index.ts'
import { cephKeyring } from './ceph_keyring/index.ts'
import { cephOsd } from './ceph_osd/index.ts'
import { cephPool } from './ceph_pool/index.ts'
import { certificate } from './certificate/index.ts'
import { cfsComponent } from './cfs_component/index.ts'
import { cfsConfiguration } from './cfs_configuration/index.ts'
import { cfsSession } from './cfs_session/index.ts'
import { command } from './command/index.ts'
import { commandExists } from './command_exists/index.ts'
import { copy } from './copy/index.ts'
import { copyFolder } from './copy_folder/index.ts'
import { cron } from './cron/index.ts'
import { directoryEmpty } from './directory_empty/index.ts'
import { diskSpace } from './disk_space/index.ts'
import { download } from './download/index.ts'
import { fasAction } from './fas_action/index.ts'
import { fetch } from './fetch/index.ts'
import { file } from './file/index.ts'
import { filesystem } from './filesystem/index.ts'
import { git } from './git/index.ts'
import { group } from './group/index.ts'
import { hostname } from './hostname/index.ts'
import { hsmComponent } from './hsm_component/index.ts'
import { hsmDiscovery } from './hsm_discovery/index.ts'
import { hsmEndpoint } from './hsm_endpoint/index.ts'
import { hsmEthernetInterface } from './hsm_ethernet_interface/index.ts'
import { hsmLock } from './hsm_lock/index.ts'
import { http } from './http/index.ts'
import { imsImage } from './ims_image/index.ts'
import { imsJob } from './ims_job/index.ts'
import { imsPublicKey } from './ims_public_key/index.ts'
import { imsRemoteBuildNode } from './ims_remote_build_node/index.ts'
import { imsRemoteBuildNodeStatus } from './ims_remote_build_node_status/index.ts'
import { k8sConfigMap } from './k8s_config_map/index.ts'
import { k8sNode } from './k8s_node/index.ts'
import { k8sObject } from './k8s_object/index.ts'
import { k8sPods } from './k8s_pods/index.ts'
import { k8sRollout } from './k8s_rollout/index.ts'
import { k8sSecret } from './k8s_secret/index.ts'
import { kernelModule } from './kernel_module/index.ts'
import { lineinfile } from './lineinfile/index.ts'
import { mount } from './mount/index.ts'
import { netconfig } from './netconfig/index.ts'
import { softwarePackage } from './package/index.ts'
import { packageRepository } from './package_repository/index.ts'
import { podmanContainer } from './podman_container/index.ts'
import { port } from './port/index.ts'
import { power } from './power/index.ts'
import { print } from './print/index.ts'
import { productCatalog } from './product_catalog/index.ts'
import { rbdImage } from './rbd_image/index.ts'
import { rbdMap } from './rbd_map/index.ts'
import { rbdWatchers } from './rbd_watchers/index.ts'
import { reboot } from './reboot/index.ts'
import { s3Object } from './s3_object/index.ts'
import { secretFile } from './secret_file/index.ts'
import { slsHardware } from './sls_hardware/index.ts'
import { slsNetwork } from './sls_network/index.ts'
import { sysconfig } from './sysconfig/index.ts'
import { sysctl } from './sysctl/index.ts'
import { systemdService } from './systemd_service/index.ts'
import { template } from './template/index.ts'
import { unpack } from './unpack/index.ts'
import { user } from './user/index.ts'
import { vaultSecret } from './vault_secret/index.ts'
import { wlmNode } from './wlm_node/index.ts'
import { zypperRepository } from './zypper_repository/index.ts'

/** Every built-in type, by name. */
export const builtinTypes: readonly AnyResourceType[] = [
  authorizedKey,
  blkid,
  blockinfile,
  bootId,
  bosComponent,
  bosSession,
  bosSessionTemplate,
  bssBootparameters,
  cephAuth,
  cephHealth,
  cephKeyring,
  cephOsd,
  cephPool,
  certificate,
  cfsComponent,
  cfsConfiguration,
  cfsSession,
  command,
  commandExists,
  copy,
  copyFolder,
  cron,
  directoryEmpty,
  diskSpace,
  download,
  fasAction,
  fetch,
  file,
  filesystem,
  git,
  group,
  hostname,
  hsmComponent,
  hsmDiscovery,
  hsmEndpoint,
  hsmEthernetInterface,
  hsmLock,
  http,
  imsImage,
  imsJob,
  imsPublicKey,
  imsRemoteBuildNode,
  imsRemoteBuildNodeStatus,
  k8sConfigMap,
  k8sNode,
  k8sObject,
  k8sPods,
  k8sRollout,
  k8sSecret,
  kernelModule,
  lineinfile,
  mount,
  netconfig,
  softwarePackage,
  packageRepository,
  podmanContainer,
  port,
  power,
  print,
  productCatalog,
  rbdImage,
  rbdMap,
  rbdWatchers,
  reboot,
  s3Object,
  secretFile,
  slsHardware,
  slsNetwork,
  sysconfig,
  sysctl,
  systemdService,
  template,
  unpack,
  user,
  vaultSecret,
  wlmNode,
  zypperRepository,
]
