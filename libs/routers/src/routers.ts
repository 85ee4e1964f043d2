// What to type on an exporter so that it sends flows here. In: this host's address and port. Out: text to copy. Pure: the console's
// First run page, `netbehave setup` and docs/routers.md all show this table. Sources: the makers' own manuals of each system.
//
// All of it aims at the same: long flows are told every minute (active timeout 60 s; the makers' 30 minutes hide them from a live
// view), ended ones after 15 s, templates come every minute, every packet counts, and both directions are told once.

export interface RouterSetup {
  readonly id: string
  readonly name: string
  /** Where to type it, and what to replace in it. */
  readonly where: string
  /** `networkInterface`: that to watch, for a snippet that names one of the machine itself (`watchesItself`). */
  readonly snippet: (host: string, port: string, networkInterface?: string) => string
  readonly watchesItself?: true
  /** What tells, on the router, that it exports. */
  readonly check: string
  /** What goes wrong there, each a sentence or two. */
  readonly traps: readonly string[]
}

/** An IPv6 address needs brackets before a port. */
const socket = (host: string, port: string): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Shell text that becomes the interface of the default route, on the machine where it is typed. */
const DEFAULT_INTERFACE = `$(ip route show default | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p;q')`

const EDGEOS_TIMEOUTS = `set system flow-accounting netflow timeout expiry-interval 15
set system flow-accounting netflow timeout flow-generic 60
set system flow-accounting netflow timeout max-active-life 60
set system flow-accounting netflow timeout tcp-fin 15
set system flow-accounting netflow timeout tcp-generic 60
set system flow-accounting netflow timeout tcp-rst 15
set system flow-accounting netflow timeout udp 60
set system flow-accounting netflow timeout icmp 15`

export const ROUTERS: readonly RouterSetup[] = [
  {
    id: 'edgerouter',
    name: 'EdgeRouter',
    where:
      'On its command line (SSH). Replace eth1 by the inside interface; name every inside interface in a line of its own.',
    snippet: (host, port) => `configure
set system flow-accounting ingress-capture pre-dnat
set system flow-accounting interface eth1
set system flow-accounting netflow version 9
set system flow-accounting netflow engine-id 1
set system flow-accounting netflow enable-egress engine-id 2
set system flow-accounting netflow server ${host} port ${port}
${EDGEOS_TIMEOUTS}
commit
save
exit`,
    check: '`show flow-accounting` lists flows.',
    traps: [
      'Offloaded traffic passes flow accounting by. `show ubnt offload` says what is offloaded; `set system offload hwnat disable` (ER-X) or `set system offload ipv4 forwarding disable` makes it visible, and costs throughput.',
      'Name the inside interfaces only. With the outside one too every connection is told twice, the second time with the address after NAT.',
    ],
  },
  {
    id: 'vyos',
    name: 'VyOS',
    where:
      'On its command line. Replace eth1 by the inside interface; name every inside interface in a line of its own.',
    snippet: (host, port) => `configure
set system flow-accounting disable-imt
set system flow-accounting enable-egress
set system flow-accounting interface eth1
set system flow-accounting netflow version 10
set system flow-accounting netflow server ${host} port ${port}
${EDGEOS_TIMEOUTS}
commit
save
exit`,
    check:
      '`show configuration commands | match flow-accounting` has the lines above; `sudo tcpdump -ni any udp port 2055` shows datagrams leave.',
    traps: [
      'Without `enable-egress` only what comes in by the interface is told: the questions without the answers.',
      '`disable-imt` switches off the table that `show flow-accounting` reads; it loads the CPU, and the makers advise against it.',
    ],
  },
  {
    id: 'unifi',
    name: 'UniFi gateway',
    where:
      'In UniFi Network: Settings, CyberSecure, Traffic Logging (older versions: Settings, System, Advanced). Switch NetFlow (IPFIX) on and enter:',
    snippet: (host, port) => `Version:         IPFIX (10), or 9
Server address:  ${host}
Port:            ${port}
Networks:        all that matter
Sampling:        off (1 in 1)`,
    check: 'Health shows the gateway within some minutes.',
    traps: [
      'The words and places change between versions of UniFi Network; older gateways (USG) have no switch and need `config.gateway.json` with the lines of an EdgeRouter.',
      'With hardware offloading on, a part of the traffic may be missing.',
    ],
  },
  {
    id: 'mikrotik',
    name: 'MikroTik RouterOS',
    where: 'In a terminal of the router (where version=ipfix is refused, write version=9).',
    snippet: (
      host,
      port,
    ) => `/ip traffic-flow set enabled=yes interfaces=all active-flow-timeout=1m inactive-flow-timeout=15s
/ip traffic-flow target add dst-address=${host} port=${port} version=ipfix v9-template-refresh=20 v9-template-timeout=1m`,
    check: '`/ip traffic-flow target print` shows the target without the flag X.',
    traps: [
      'Only what the CPU forwards is told: hardware-offloaded bridges and L3 hardware offloading pass it by.',
      'IPFIX tells the addresses after NAT too (nat-src-address and nat-dst-address of `/ip traffic-flow ipfix`, on by default), so inside hosts need no guess. Leave nat-events off: it sends records without bytes.',
      'A new target sends templates with its first packets; when NetBehave was away for those, v9-template-refresh brings them again after 20 packets.',
    ],
  },
  {
    id: 'opnsense',
    name: 'OPNsense',
    where: 'In Reporting, NetFlow; then Apply.',
    snippet: (host, port) => `Listening interfaces:  LAN, and other inside ones
WAN interfaces:        WAN
Capture local:         off (on, if you use Insight too)
Version:               v9
Destinations:          ${socket(host, port)}
Active timeout:        60
Inactive timeout:      15`,
    check: 'Reporting, NetFlow, Cache counts flows for each interface.',
    traps: [
      'Do not choose WAN as a listening interface: every connection is then told twice, once before and once after NAT.',
      'Versions without the two timeouts tell long flows after 30 minutes only.',
    ],
  },
  {
    id: 'pfsense',
    name: 'pfSense',
    where: 'Install the package softflowd (System, Package Manager), then Services, softflowd.',
    snippet: (host, port) => `Enable softflowd:     yes
Interface:            LAN, and other inside ones
Host:                 ${host}
Port:                 ${port}
Sampling:             empty
NetFlow version:      10 (9 where 10 is not offered)
Flow tracking level:  full
Maximum lifetime:     60
Expire interval:      15`,
    check: 'Status, Services shows softflowd as running.',
    traps: [
      'Choose inside interfaces only; on WAN every inside host has the address of the router.',
      'softflowd is started again whenever an interface changes; the first minute after that has no flows.',
    ],
  },
  {
    id: 'openwrt',
    name: 'OpenWrt (softflowd)',
    where: 'On the router (SSH). Replace br-lan by the inside interface where it is called otherwise.',
    snippet: (host, port) => `opkg update && opkg install softflowd      # OpenWrt 25 and later: apk add softflowd
uci set softflowd.@softflowd[0].enabled='1'
uci set softflowd.@softflowd[0].interface='br-lan'
uci set softflowd.@softflowd[0].host_port='${socket(host, port)}'
uci set softflowd.@softflowd[0].export_version='10'
uci set softflowd.@softflowd[0].track_ipv6='1'
uci set softflowd.@softflowd[0].sampling_rate='1'
uci set softflowd.@softflowd[0].timeout='maxlife=60'
uci commit softflowd
service softflowd enable && service softflowd restart`,
    check: '`softflowctl statistics` counts flows that were exported.',
    traps: [
      "The package's own sampling_rate is 100: without the line above only every hundredth packet counts.",
      'Software flow offloading (`option flow_offloading`) hides what it carries from softflowd. Switch it off to see every flow; on slow routers that costs throughput.',
    ],
  },
  {
    id: 'linux',
    name: 'Linux (softflowd)',
    where:
      'On the machine whose traffic is to be seen, as root. After -i stands the interface of its default route; on a machine that routes write the inside one there (ip -br addr lists them).',
    watchesItself: true,
    snippet: (host, port, networkInterface = DEFAULT_INTERFACE) => `apt install softflowd
softflowd -i ${networkInterface} -n ${socket(host, port)} -v 10 -t maxlife=60 -t expint=15`,
    check: '`softflowctl statistics` counts flows that were exported.',
    traps: [
      'Debian starts a softflowd of its own once /etc/softflowd/default.conf names an interface: put the same options there to have it after a restart too.',
      'It keeps 8,192 flows (`-m`); on a busy network raise that, or they are told early and in pieces.',
    ],
  },
  {
    id: 'cisco',
    name: 'Cisco IOS, IOS XE',
    where:
      'In configuration mode. Put the last line on every routed interface; input on all of them tells both directions once.',
    snippet: (host, port) => `flow record NETBEHAVE
 match ipv4 tos
 match ipv4 protocol
 match ipv4 source address
 match ipv4 destination address
 match transport source-port
 match transport destination-port
 match interface input
 collect interface output
 collect transport tcp flags
 collect counter bytes long
 collect counter packets long
 collect timestamp sys-uptime first
 collect timestamp sys-uptime last
flow exporter NETBEHAVE
 destination ${host}
 transport udp ${port}
 export-protocol netflow-v9
 template data timeout 60
flow monitor NETBEHAVE
 record NETBEHAVE
 exporter NETBEHAVE
 cache timeout active 60
 cache timeout inactive 15
interface GigabitEthernet0/0/1
 ip flow monitor NETBEHAVE input`,
    check:
      '`show flow exporter NETBEHAVE statistics` counts packets sent; `show flow monitor NETBEHAVE cache` lists flows.',
    traps: [
      'Some switches want `source INTERFACE` in the exporter before they send anything.',
      'Switches of the Catalyst families offer fewer fields, or `collect timestamp absolute` in place of sys-uptime: leave out or change the line that is refused.',
      'IPv6 needs a record and monitor of its own (`match ipv6 …`, `ipv6 flow monitor`).',
    ],
  },
  {
    id: 'juniper',
    name: 'Juniper (inline, IPFIX)',
    where:
      'In configuration mode. Replace ROUTER-ADDRESS by an address of the router, fpc 0 by the slot, ge-0/0/1 by the inside interface. SRX and MX.',
    snippet: (host, port) => `set services flow-monitoring version-ipfix template netbehave ipv4-template
set services flow-monitoring version-ipfix template netbehave flow-active-timeout 60
set services flow-monitoring version-ipfix template netbehave flow-inactive-timeout 15
set services flow-monitoring version-ipfix template netbehave template-refresh-rate seconds 60
set services flow-monitoring version-ipfix template netbehave option-refresh-rate seconds 60
set forwarding-options sampling instance netbehave input rate 1
set forwarding-options sampling instance netbehave family inet output flow-server ${host} port ${port}
set forwarding-options sampling instance netbehave family inet output flow-server ${host} version-ipfix template netbehave
set forwarding-options sampling instance netbehave family inet output inline-jflow source-address ROUTER-ADDRESS
set chassis fpc 0 sampling-instance netbehave
set interfaces ge-0/0/1 unit 0 family inet sampling input
set interfaces ge-0/0/1 unit 0 family inet sampling output
commit`,
    check: '`show services accounting flow inline-jflow fpc-slot 0` counts flows and exported packets.',
    traps: [
      'Without `inline-jflow source-address` nothing is sent.',
      'A rate of 1 is for offices; large routers need sampling (`input rate 1000`). NetBehave reads the rate from the options that the router sends.',
      'SRX: sessions under services offload or PowerMode are not told.',
    ],
  },
  {
    id: 'fortigate',
    name: 'FortiGate',
    where: 'On its command line. Replace "internal" by the inside interface.',
    snippet: (host, port) => `config system netflow
  set active-flow-timeout 60
  set inactive-flow-timeout 15
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
    check: '`diagnose test application sflowd 3` shows the collector and what was sent.',
    traps: [
      'FortiOS before 7.4 has no `config collectors`: write set collector-ip and set collector-port right below `config system netflow`.',
      'FortiOS 6 counts active-flow-timeout and template-tx-timeout in minutes: write 1 for both.',
      'With VDOMs, `config system vdom-netflow` in the VDOM that carries the traffic.',
    ],
  },
]

/** By its id, whatever the case. */
export const findRouter = (id: string): RouterSetup | undefined =>
  ROUTERS.find((router) => router.id === id.trim().toLowerCase())
