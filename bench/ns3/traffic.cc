// What a cluster of agents sends, sent by hosts of ns-3 that run nothing else: reads the datagrams and exchanges that Partita has written down,
// sends each at its instant and counts what arrives.
//
// Usage: traffic FILE HOSTS SECONDS bus|switch|star
// Prints the datagrams that arrived, the exchanges that were completed and all their bytes.
//
// Hosts stand half and half on two segments with a router between them:
//   bus     each segment is a CSMA bus, which hands each frame to all that are on it
//   switch  each host has a CSMA link to its segment's switch, a BridgeNetDevice
//   star    each host has a point-to-point link to the router
//
// All that ns-3 has and this traffic does not need is left out: IPv6, queue disciplines, dynamic routing, logs.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "ns3/bridge-module.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

using namespace ns3;

namespace
{

constexpr uint16_t PORT = 7946;
constexpr uint32_t DATAGRAM = 0xffffffff;

/** One line of the file, as it stands there: when, who, to whom; bytes there, and bytes back if it is an exchange over TCP. */
struct Sending
{
    uint64_t at; // ns
    uint32_t from;
    uint32_t to;
    uint32_t bytes;
    uint32_t reply; // DATAGRAM: it is one
};

struct Counts
{
    uint64_t datagrams = 0;
    uint64_t bytes = 0;
    uint64_t exchanges = 0;
};

std::vector<Sending> g_sendings;
size_t g_next = 0;
NodeContainer g_hosts;
std::vector<Ipv4Address> g_addresses;
std::vector<Ptr<Socket>> g_udp;
Counts g_counts;

/** What is still to come on a connection, and what is then sent back on it. */
struct Expected
{
    uint32_t bytes;
    uint32_t reply;
};

/** By the client's address and port, until the server has accepted. */
std::map<std::pair<uint32_t, uint16_t>, Expected> g_dialled;
std::map<Ptr<Socket>, Expected> g_served;
std::map<Ptr<Socket>, Sending> g_clients;

void
DatagramsArrived(Ptr<Socket> socket)
{
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        g_counts.datagrams++;
        g_counts.bytes += packet->GetSize();
    }
}

uint32_t
Drain(Ptr<Socket> socket)
{
    uint32_t bytes = 0;
    while (Ptr<Packet> packet = socket->Recv())
    {
        if (packet->GetSize() == 0)
        {
            break;
        }
        bytes += packet->GetSize();
    }
    g_counts.bytes += bytes;
    return bytes;
}

void
Ended(Ptr<Socket> socket)
{
    g_served.erase(socket);
    g_clients.erase(socket);
}

void
RequestArrived(Ptr<Socket> socket)
{
    auto found = g_served.find(socket);
    const uint32_t bytes = Drain(socket);
    if (found == g_served.end())
    {
        return;
    }
    Expected& expected = found->second;
    expected.bytes -= std::min(bytes, expected.bytes);
    if (expected.bytes > 0)
    {
        return;
    }
    if (expected.reply > 0)
    {
        socket->Send(Create<Packet>(expected.reply));
    }
    g_served.erase(found);
    socket->Close();
}

void
Accepted(Ptr<Socket> socket, const Address& from)
{
    const InetSocketAddress client = InetSocketAddress::ConvertFrom(from);
    auto found = g_dialled.find({client.GetIpv4().Get(), client.GetPort()});
    if (found != g_dialled.end())
    {
        g_served[socket] = found->second;
        g_dialled.erase(found);
    }
    socket->SetRecvCallback(MakeCallback(&RequestArrived));
    socket->SetCloseCallbacks(MakeCallback(&Ended), MakeCallback(&Ended));
}

void
ReplyArrived(Ptr<Socket> socket)
{
    auto found = g_clients.find(socket);
    const uint32_t bytes = Drain(socket);
    if (found == g_clients.end())
    {
        return;
    }
    Sending& sending = found->second;
    sending.reply -= std::min(bytes, sending.reply);
    if (sending.reply > 0)
    {
        return;
    }
    g_counts.exchanges++;
    g_clients.erase(found);
    socket->Close();
}

void
Connected(Ptr<Socket> socket)
{
    const Sending& sending = g_clients.at(socket);
    socket->Send(Create<Packet>(sending.bytes));
    if (sending.reply == 0)
    {
        g_counts.exchanges++;
        g_clients.erase(socket);
        socket->Close();
    }
}

void
Exchange(const Sending& sending)
{
    Ptr<Socket> socket = Socket::CreateSocket(g_hosts.Get(sending.from), TcpSocketFactory::GetTypeId());
    socket->Bind();
    socket->SetConnectCallback(MakeCallback(&Connected), MakeCallback(&Ended));
    socket->SetRecvCallback(MakeCallback(&ReplyArrived));
    g_clients[socket] = sending;
    socket->Connect(InetSocketAddress(g_addresses[sending.to], PORT));
    Address own;
    socket->GetSockName(own);
    g_dialled[{g_addresses[sending.from].Get(), InetSocketAddress::ConvertFrom(own).GetPort()}] = {sending.bytes, sending.reply};
}

/** Sends all that is due now, and waits for the next instant: one event for it, not one for each packet of the whole run. */
void
SendDue()
{
    const uint64_t now = Simulator::Now().GetNanoSeconds();
    for (; g_next < g_sendings.size() && g_sendings[g_next].at <= now; g_next++)
    {
        const Sending& sending = g_sendings[g_next];
        if (sending.reply == DATAGRAM)
        {
            g_udp[sending.from]->SendTo(Create<Packet>(sending.bytes), 0, InetSocketAddress(g_addresses[sending.to], PORT));
        }
        else
        {
            Exchange(sending);
        }
    }
    if (g_next < g_sendings.size())
    {
        Simulator::Schedule(NanoSeconds(g_sendings[g_next].at - now), &SendDue);
    }
}

std::vector<Sending>
Read(const char* path)
{
    FILE* file = std::fopen(path, "rb");
    if (!file)
    {
        std::perror(path);
        std::exit(1);
    }
    std::fseek(file, 0, SEEK_END);
    std::vector<Sending> sendings(std::ftell(file) / sizeof(Sending));
    std::rewind(file);
    if (std::fread(sendings.data(), sizeof(Sending), sendings.size(), file) != sendings.size())
    {
        std::perror(path);
        std::exit(1);
    }
    std::fclose(file);
    return sendings;
}

/** Gives a device of a node an address, and the node nothing else: Ipv4AddressHelper would give it a queue discipline too. */
void
Assign(Ptr<NetDevice> device, Ipv4Address address, Ipv4Mask mask)
{
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    const uint32_t interface = ipv4->AddInterface(device);
    ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, mask));
    ipv4->SetUp(interface);
}

void
DefaultRoute(Ptr<Node> host, Ipv4Address gateway)
{
    Ipv4StaticRoutingHelper helper;
    helper.GetStaticRouting(host->GetObject<Ipv4>())->SetDefaultRoute(gateway, 1);
}

/** Two CSMA segments of half of the hosts each, buses or switches, 10.0.1.0/24 and 10.0.2.0/24, and a router with .1 on both. */
void
BuildSegments(Ptr<Node> router, bool switched)
{
    const uint32_t half = g_hosts.GetN() / 2;
    const Ipv4Mask mask("255.255.255.0");
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", StringValue("1Gbps"));
    csma.SetChannelAttribute("Delay", StringValue(switched ? "75us" : "1us"));
    for (uint32_t segment = 0; segment < 2; segment++)
    {
        const uint32_t net = Ipv4Address("10.0.1.0").Get() + (segment << 8);
        NodeContainer on(router);
        for (uint32_t i = 0; i < half; i++)
        {
            on.Add(g_hosts.Get(segment * half + i));
        }
        NetDeviceContainer devices;
        if (switched)
        {
            Ptr<Node> bridge = CreateObject<Node>();
            NetDeviceContainer ports;
            for (uint32_t i = 0; i < on.GetN(); i++)
            {
                NetDeviceContainer link = csma.Install(NodeContainer(on.Get(i), bridge));
                devices.Add(link.Get(0));
                ports.Add(link.Get(1));
            }
            BridgeHelper().Install(bridge, ports);
        }
        else
        {
            devices = csma.Install(on);
        }
        for (uint32_t i = 0; i < on.GetN(); i++)
        {
            const Ipv4Address address(net + i + 1);
            Assign(devices.Get(i), address, mask);
            if (i > 0)
            {
                g_addresses.push_back(address);
                DefaultRoute(on.Get(i), Ipv4Address(net + 1));
            }
        }
    }
}

/** A link from each host to the router, with a subnet of its own, 10.x.y.0/30. */
void
BuildStar(Ptr<Node> router)
{
    const Ipv4Mask mask("255.255.255.252");
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    link.SetChannelAttribute("Delay", StringValue("75us"));
    link.DisableFlowControl();
    for (uint32_t i = 0; i < g_hosts.GetN(); i++)
    {
        const uint32_t net = Ipv4Address("10.1.0.0").Get() + 4 * i;
        NetDeviceContainer devices = link.Install(router, g_hosts.Get(i));
        Assign(devices.Get(0), Ipv4Address(net + 1), mask);
        Assign(devices.Get(1), Ipv4Address(net + 2), mask);
        g_addresses.push_back(Ipv4Address(net + 2));
        DefaultRoute(g_hosts.Get(i), Ipv4Address(net + 1));
    }
}

void
Listen(Ptr<Node> host)
{
    Ptr<Socket> udp = Socket::CreateSocket(host, UdpSocketFactory::GetTypeId());
    udp->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    udp->SetRecvCallback(MakeCallback(&DatagramsArrived));
    g_udp.push_back(udp);

    Ptr<Socket> tcp = Socket::CreateSocket(host, TcpSocketFactory::GetTypeId());
    tcp->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    tcp->Listen();
    tcp->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(), MakeCallback(&Accepted));
}
} // namespace

int
main(int argc, char* argv[])
{
    if (argc != 5)
    {
        std::fprintf(stderr, "usage: traffic FILE HOSTS SECONDS bus|switch|star\n");
        return 64;
    }
    g_sendings = Read(argv[1]);
    g_hosts.Create(std::atoi(argv[2]));
    const double seconds = std::atof(argv[3]);
    const std::string topology = argv[4];
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 24));

    Ptr<Node> router = CreateObject<Node>();
    InternetStackHelper internet;
    internet.SetRoutingHelper(Ipv4StaticRoutingHelper());
    internet.SetIpv6StackInstall(false);
    internet.Install(g_hosts);
    internet.Install(router);
    if (topology == "star")
    {
        BuildStar(router);
    }
    else
    {
        BuildSegments(router, topology == "switch");
    }
    for (uint32_t i = 0; i < g_hosts.GetN(); i++)
    {
        Listen(g_hosts.Get(i));
    }

    Simulator::Schedule(NanoSeconds(g_sendings.empty() ? 0 : g_sendings[0].at), &SendDue);
    Simulator::Stop(Seconds(seconds));
    Simulator::Run();
    std::printf("%lu %lu %lu\n", g_counts.datagrams, g_counts.exchanges, g_counts.bytes);
    Simulator::Destroy();
    return 0;
}
