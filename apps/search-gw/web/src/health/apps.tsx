import type { Health } from '@netbehave/schema/api'
import { bytes, count } from '../format/numbers.ts'
import { Badge } from '../ui/badge.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Time } from '../ui/time.tsx'

/** Which apps run, and the sockets that flows come in by. */
export function Apps({ health: { apps, receive, broker } }: { readonly health: Health }) {
  return (
    <section>
      <h2>Apps</h2>
      <ScrollBox label="Apps">
        <table class="table">
          <thead>
            <tr>
              <th>App</th>
              <th>Site</th>
              <th>Started</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {apps.map(({ app, site, instance, startedMs, silent, heardMs }) => (
              <tr key={`${app} ${site} ${instance}`}>
                <th scope="row">{app}</th>
                <td>
                  {site} <span class="quiet">{instance}</span>
                </td>
                <td>
                  <Time ms={startedMs} />
                </td>
                <td>
                  {silent ? (
                    <Badge tone="bad">
                      silent since <Time ms={heardMs} as="clock" />
                    </Badge>
                  ) : (
                    <Badge tone="good">runs</Badge>
                  )}
                </td>
              </tr>
            ))}
            <tr>
              <th scope="row">broker</th>
              <td class="quiet">nats-server</td>
              <td class="quiet">{broker.disconnects > 0 ? `${count(broker.disconnects)} times away` : ''}</td>
              <td>{broker.connected ? <Badge tone="good">runs</Badge> : <Badge tone="bad">away</Badge>}</td>
            </tr>
          </tbody>
        </table>
      </ScrollBox>
      <h2>Sockets</h2>
      <ScrollBox label="Sockets">
        <table class="table">
          <thead>
            <tr>
              <th>Address</th>
              <th class="number">Receive buffer</th>
              <th class="number">Dropped by the kernel</th>
            </tr>
          </thead>
          <tbody>
            {receive.map(({ site, instance, address, receiveBufferBytes, kernelDrops }) => (
              <tr key={`${site} ${instance} ${address}`}>
                <th scope="row">{address}</th>
                <td class="number">{bytes(receiveBufferBytes)}</td>
                <td class="number">
                  {kernelDrops === null ? (
                    <span class="quiet">not told</span>
                  ) : (
                    <span class={kernelDrops > 0 ? 'wrong' : undefined}>{count(kernelDrops)}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  )
}
