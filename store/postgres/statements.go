package postgres

import (
	"embed"
	"strings"
)

//go:embed query/*.sql
var queries embed.FS

// statements are the files of the directory query, written for one schema.
type statements struct {
	lookup, commit, lockPlans                            string
	apply, rosters                                       string
	chat, chatsOfLine, decision, delivery                string
	tenants, chatsOfTenant, chatsByID, knownLines        string
	lineUse, lineUseRead, countMessages                  string
	reportLine, lineStates                               string
	purge, forget                                        string
	claim, settle, ackAll, release, parked, queue, clock string
	reroute, dropParked                                  string

	chatsOfPerson string

	changeConsent, consents, forgetConsent, copyConsents, importConsents string

	hear, note, keepNote, forgetNotes, copyNotes, importNotes string

	beginList, endList, useList, oldLists, changes, dropChanges, writers                   string
	removeChats, removeRecords, removeDeliveries, removeConsents, removeNotes, removeLines string

	copyCount, copyChats, copyRecords, copyDeliveries    string
	copyTenant, removeTenant, removeTenantChats          string
	importTenants, importStates, importUses, importChats string
	importPeople, importRecords, importDeliveries        string
}

func statementsIn(schema string) statements {
	read := func(name string) string {
		text, err := queries.ReadFile("query/" + name + ".sql")
		if err != nil {
			panic(err) // the file was there at compile time
		}
		return inSchema(string(text), schema)
	}
	return statements{
		lookup: read("lookup"), commit: read("commit"), lockPlans: read("lock_plans"), apply: read("apply"), rosters: read("rosters"),
		chat: read("chat"), chatsOfLine: read("chats_of_line"), decision: read("decision"), delivery: read("delivery"),
		tenants: read("tenants"), chatsOfTenant: read("chats_of_tenant"), chatsByID: read("chats_by_id"), knownLines: read("known_lines"),
		chatsOfPerson: read("chats_of_person"),
		lineUse:       read("line_use"), lineUseRead: read("line_use_read"), countMessages: read("count_messages"),
		reportLine: read("report_line"), lineStates: read("line_states"),
		purge: read("purge"), forget: read("forget"),
		claim: read("claim"), settle: read("settle"), ackAll: read("ack_all"), release: read("release"), parked: read("parked"), queue: read("backlog"), clock: read("clock"),
		reroute: read("reroute"), dropParked: read("drop_parked"),
		changeConsent: read("change_consent"), consents: read("consents"), forgetConsent: read("forget_consent"),
		copyConsents: read("copy_consents"), importConsents: read("import_consents"),
		hear: read("hear"), note: read("note"), keepNote: read("keep_note"), forgetNotes: read("forget_notes"),
		copyNotes: read("copy_notes"), importNotes: read("import_notes"),
		beginList: read("begin_list"), endList: read("end_list"), useList: read("use_list"), oldLists: read("old_lists"),
		changes: read("changes"), dropChanges: read("drop_changes"), writers: read("writers"),
		removeChats: read("remove_chats"), removeRecords: read("remove_records"), removeDeliveries: read("remove_deliveries"),
		removeConsents: read("remove_consents"), removeNotes: read("remove_notes"), removeLines: read("remove_lines"),
		copyCount: read("copy_count"), copyTenant: read("copy_tenant"), removeTenant: read("remove_tenant"), removeTenantChats: read("remove_tenant_chats"), copyChats: read("copy_chats"), copyRecords: read("copy_records"), copyDeliveries: read("copy_deliveries"),
		importTenants: read("import_tenants"), importStates: read("import_states"), importUses: read("import_uses"),
		importChats: read("import_chats"), importPeople: read("import_people"), importRecords: read("import_records"),
		importDeliveries: read("import_deliveries"),
	}
}

// inSchema replaces the schema name of the files. Names of schemas need no
// quotes: see Options.Schema.
func inSchema(sql, schema string) string {
	return strings.ReplaceAll(sql, defaultSchema+".", schema+".")
}
