import Agent
import Testing

/// What is shown of where a database is, and that nothing else is.
@Suite struct PostgresAddressTests {
    private func address(_ conninfo: String, _ environment: [String: String] = [:]) -> PostgresAddress {
        PostgresAddress(conninfo) { environment[$0] }
    }

    @Test(arguments: [
        ("", "postgres"), ("audit", "postgres:dbname=audit"), ("service=audit", "postgres:service=audit"),
        ("user=u host=h  port = 5433\tdbname=d", "postgres:host=h port=5433 dbname=d user=u"),
        ("host='/run/a b' user='it\\'s'dbname=d\\ e", "postgres:host='/run/a b' dbname='d e' user='it\\'s'"),
        ("hostaddr=::1 host=a host=b", "postgres:host=b hostaddr=::1"),
        ("host=\nh\u{b}dbname=d", "postgres:host=h dbname=d"),
        ("postgresql://", "postgres"), ("postgres:///d", "postgres:dbname=d"),
        ("postgresql://u@h:5433/d?sslmode=require", "postgres:host=h port=5433 dbname=d user=u"),
        ("postgres://a:1,[::1],b:2/d%20e", "postgres:host=a,::1,b port=1,,2 dbname='d e'"),
        ("postgres://%2Frun%2Fpg/d?user=u&service=s", "postgres:host=/run/pg dbname=d user=u service=s"),
        ("postgres://me%40tenant:x@h", "postgres:host=h user=me@tenant"),
        ("host=@abstract user=me@tenant", "postgres:host=@abstract user=me@tenant"),
    ]) func whereADatabaseIsIsShown(conninfo: String, shown: String) {
        #expect(address(conninfo).shown == shown)
    }

    @Test(arguments: [
        ("host=x password= zqx", "postgres:host=x"), ("host=x password =zqx", "postgres:host=x"),
        ("host=x\tpassword=zqx", "postgres:host=x"), ("host=x\npassword\t=\tzqx", "postgres:host=x"),
        (#"password=a\ zqx host=x"#, "postgres:host=x"), (#"host=x password='a\' host=zqx'"#, "postgres:host=x"),
        ("host=x password='a zqx'", "postgres:host=x"), ("password='a'password='zqx'host=x", "postgres:host=x"),
        ("host=x password=a://zqx", "postgres:host=x"), ("host=x password=a://b@zqx/c", "postgres:host=x"),
        ("host=x sslpassword=zqx", "postgres:host=x"), ("host=x passfile=zqx", "postgres:host=x"),
        ("host=x scram_client_key=zqx scram_server_key=zqx", "postgres:host=x"),
        ("host=x options='-c a=zqx' oauth_client_secret=zqx", "postgres:host=x"), ("host=x PASSWORD=zqx", "postgres"),
        ("host=x password='zqx", "postgres"), ("host=x password=a zqx", "postgres"), ("host=x zqx", "postgres"),
        ("=zqx host=x", "postgres"), ("host=x pass word=zqx", "postgres"), ("host='a\u{1}zqx'", "postgres"),
        ("postgres://u:zqx@h/d", "postgres:host=h dbname=d user=u"),
        ("postgres://u:a:zqx@h/d", "postgres:host=h dbname=d user=u"),
        ("postgres://u@h/d?password=zqx&sslpassword=zqx", "postgres:host=h dbname=d user=u"),
        ("postgres://u:a?zqx@h/d", "postgres"), ("postgres://u:a/zqx@h/d", "postgres"),
        ("postgres://u:a@zqx@h/d", "postgres"), ("postgres://u:zqx", "postgres"), ("postgres://u:zqx/d", "postgres"),
        ("postgres://u:123456@h:zqx/d", "postgres"), ("postgres://u:%zqx@h/d", "postgres"),
        ("host= password=zqx", "postgres"),
        ("postgres://u@h/d?zqx", "postgres"), ("postgres://u@h/d?password=a&zqx", "postgres"),
        ("postgres://u@h/d?a=b=zqx", "postgres"), ("postgres://[zqx/d", "postgres"), ("postgres://h/%zq", "postgres"),
        ("u:zqx@h/db", "postgres"), ("POSTGRES://u:zqx@h/db?a=b", "postgres"), ("mysql://u:zqx@h/db", "postgres"),
        ("dbname=postgres://u:zqx@h/db", "postgres"), ("dbname='user=u password=zqx'", "postgres"),
        ("host=u:zqx@h", "postgres"), ("host='h password=zqx'", "postgres"),
    ]) func whatOpensADatabaseIsNeverShown(conninfo: String, shown: String) {
        let address = address(conninfo)
        #expect(address.shown == shown)
        #expect(!address.shown.contains("zqx") && !address.identity.contains("zqx"), "\(address)")
    }

    @Test func anAddressIsTheSameHoweverItIsWritten() {
        let same = ["postgres://u:a@h:1/d", "dbname='d' user=u port=1 host=h password=b", "service='' host=h"]
        #expect(address(same[0]).identity == "host=h port=1 dbname=d user=u")
        #expect(address(same[1]).identity == address(same[0]).identity)
        #expect(address(same[2]).identity == "host=h service=''")
    }

    @Test func whatTheEnvironmentSaysIsPartOfAnAddressUnlessTheTextSaysIt() {
        let environment = [
            "PGHOST": "h", "PGHOSTADDR": "::1", "PGPORT": "1", "PGDATABASE": "it's", "PGUSER": "u", "PGSERVICE": "",
            "PGPASSWORD": "zqx",
        ]
        #expect(address("", environment).identity == #"host=h hostaddr=::1 port=1 dbname='it\'s' user=u"#)
        #expect(address("host=x dbname=d", environment).identity == "host=x hostaddr=::1 port=1 dbname=d user=u")
        #expect(address("", environment).shown == "postgres")
        #expect(address("", [:]).identity == "")
    }

    @Test(arguments: [
        "u:secret@h/db", "h:5432", "me@h", "POSTGRES://u:secret@h/db", "mysql://u:secret@h/db",
        "dbname=postgres://u:secret@h/db", "host=u:secret@h",
    ]) func whatCannotBeMeantIsNoOutput(conninfo: String) {
        #expect(OutputTarget("postgres:" + conninfo) == nil)
    }

    @Test(arguments: ["audit", "host=h user=me@tenant", "//u:a%40b@h/d", "postgresql://u@h/d", "//u:a@b@h/d", "host"])
    func whatLibpqReadsOrRefusesItselfIsAnOutput(conninfo: String) {
        #expect(OutputTarget("postgres:" + conninfo) != nil)
    }
}
