// What to type on an exporter so that it sends flows here. In: this host's address and port. Out: text to copy. Pure.
// Sources: the makers' own manuals of each system. MikroTik and others want active timeouts of a minute, so that long flows show up.

export interface RouterSetup {
  readonly id: string
  readonly name: string
  /** Where to type it. */
  readonly where: string
  readonly snippet: (host: string, port: string) => string
}

export const ROUTERS: readonly RouterSetup[] = [
  {
    id: 'mikrotik',
    name: 'MikroTik RouterOS',
    where: 'In a terminal of the router.',
    snippet: (
      host,
      port,
    ) => `/ip traffic-flow set enabled=yes interfaces=all active-flow-timeout=1m inactive-flow-timeout=15s
/ip traffic-flow target add dst-address=${host} port=${port} version=ipfix v9-template-refresh=20 v9-template-timeout=1m`,
  },
  {
    id: 'edgerouter',
    name: 'EdgeRouter',
    where: 'In configuration mode; replace eth1 by the inside interface.',
    snippet: (host, port) => `configure
set system flow-accounting interface eth1
set system flow-accounting netflow version 9
set system flow-accounting netflow server ${host} port ${port}
set system flow-accounting netflow timeout max-active-life 60
commit
save`,
  },
  {
    id: 'vyos',
    name: 'VyOS',
    where: 'In configuration mode; replace eth1 by the inside interface.',
    snippet: (host, port) => `configure
set system flow-accounting interface eth1
set system flow-accounting netflow version 9
set system flow-accounting netflow server ${host} port ${port}
set system flow-accounting netflow timeout max-active-life 60
commit
save`,
  },
  {
    id: 'unifi',
    name: 'UniFi gateway',
    where:
      'In UniFi Network, Settings → CyberSecure → Traffic Logging (older: System → Advanced), switch NetFlow (IPFIX) on and enter:',
    snippet: (host, port) => `Version:        IPFIX (or 9)
Server address: ${host}
Port:           ${port}
Active timeout: 60 s`,
  },
  {
    id: 'opnsense',
    name: 'OPNsense',
    where: 'In Reporting → NetFlow, then Apply.',
    snippet: (host, port) => `Listening interfaces: LAN (and others that matter)
WAN interfaces:       WAN
Version:              v9
Destinations:         ${host}:${port}`,
  },
  {
    id: 'pfsense',
    name: 'pfSense',
    where: 'Install the package softflowd (System → Package Manager), then Services → softflowd.',
    snippet: (host, port) => `Interface:          LAN
Host:               ${host}
Port:               ${port}
NetFlow version:    9
Flow tracking:      full
Max. lifetime:      60`,
  },
  {
    id: 'openwrt',
    name: 'OpenWrt, Linux (softflowd)',
    where: 'On the router; replace br-lan by the inside interface.',
    snippet: (host, port) => `opkg install softflowd   # Debian, Ubuntu: apt install softflowd
softflowd -i br-lan -n ${host}:${port} -v 9 -t maxlife=60`,
  },
  {
    id: 'cisco',
    name: 'Cisco IOS',
    where: 'In configuration mode; replace the interface by the inside one.',
    snippet: (host, port) => `flow exporter NETBEHAVE
 destination ${host}
 transport udp ${port}
 export-protocol netflow-v9
 template data timeout 60
flow monitor NETBEHAVE
 exporter NETBEHAVE
 cache timeout active 60
 record netflow ipv4 original-input
interface GigabitEthernet0/1
 ip flow monitor NETBEHAVE input
 ip flow monitor NETBEHAVE output`,
  },
  {
    id: 'juniper',
    name: 'Juniper (inline, IPFIX)',
    where: 'In configuration mode; adapt FPC and interface.',
    snippet: (host, port) => `set services flow-monitoring version-ipfix template ipv4 ipv4-template
set services flow-monitoring version-ipfix template ipv4 flow-active-timeout 60
set services flow-monitoring version-ipfix template ipv4 template-refresh-rate seconds 60
set forwarding-options sampling instance nb input rate 1
set forwarding-options sampling instance nb family inet output flow-server ${host} port ${port}
set forwarding-options sampling instance nb family inet output flow-server ${host} version-ipfix template ipv4
set chassis fpc 0 sampling-instance nb
set interfaces ge-0/0/1 unit 0 family inet sampling input output`,
  },
  {
    id: 'fortigate',
    name: 'FortiGate',
    where: 'On its command line; replace "internal" by the inside interface.',
    snippet: (host, port) => `config system netflow
  set active-flow-timeout 60
  set template-tx-timeout 60
  config collectors
    edit 1
      set collector-ip "${host}"
      set collector-port ${port}
    next
  end
end
config system interface
  edit "internal"
    set netflow-sampler both
  next
end`,
  },
]
