/* A plugin of Mosquitto's devices' listener: what one device may make the broker keep, and pass on.
 *
 * Mosquitto bounds neither the subscriptions nor the retained messages of a client, and works through a client's own
 * subscriptions for each new one. So one stolen credential could stop the broker for everybody: 600,000 subscriptions
 * took it minutes, 3,000 retained messages of 60 KB made it pause for two seconds at every save.
 *
 * Here each device has MAX_FILTERS subscriptions beside those of its own `down/`, counted for as long as the broker
 * runs, and no shared one. It has MAX_RETAINED retained topics; on further ones what it says is passed on like any other
 * message, but not retained. Messages of QoS 2 over MAX_QOS_2 bytes have a budget, for the broker keeps them until the
 * device releases them. Everything else is left to the access file. Only refuses; never allows.
 *
 * Long messages have a pace: a broker that passes on, and saves, tens of megabytes a second of one device is slow for
 * all. It is at least twice what a gateway reads of one device (decision 17), so the gateway still sees the flood, and
 * nothing is refused that it would have read. A device repeats an event that has no receipt.
 *
 * The declarations are those of plugin interface 5 (mosquitto_plugin.h, mosquitto_broker.h), which Mosquitto 2.0 and 2.1
 * have in common; they stand here so that a compiler is all that is needed.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_FILTERS 32
#define MAX_RETAINED 16
#define MAX_LENGTH 512
#define MAX_QOS_2 4096
#define SHORT 2048
#define BUCKETS 65536

enum { SUCCESS = 0, NO_MEMORY = 1, DENIED = 12, DEFER = 17 };
enum { ACL_CHECK = 2, MESSAGE = 7, WRITE = 2, SUBSCRIBE = 4 };

struct mosquitto;
struct mosquitto_opt;
typedef struct mosquitto_plugin_id_t mosquitto_plugin_id_t;
struct evt_acl_check {
	void *future;
	struct mosquitto *client;
	const char *topic;
	const void *payload;
	void *properties;
	int access;
	uint32_t payloadlen;
	uint8_t qos;
	bool retain;
	void *future2[4];
};
struct evt_message {
	void *future;
	struct mosquitto *client;
	char *topic;
	void *payload;
	void *properties;
	char *reason_string;
	uint32_t payloadlen;
	uint8_t qos;
	uint8_t reason_code;
	bool retain;
	void *future2[4];
};
extern const char *mosquitto_client_username(const struct mosquitto *client);
extern int mosquitto_callback_register(mosquitto_plugin_id_t *id, int event, int (*callback)(int, void *, void *),
	const void *event_data, void *userdata);

/* The different texts that a device has used, up to a number of them. */
struct texts {
	char **known;
	int count;
};

/* Bytes: how many at once, and how many a second. */
struct pace { double at_once, a_second; };
static const struct pace TELEMETRY = {16 << 20, 1 << 20}, EVENTS = {8 << 20, 1 << 20}, QOS_2 = {2 << 20, 256};

/* What has been used of a pace. */
struct used { double bytes, at; };

struct device {
	struct device *next;
	struct texts filters, retained;
	struct used telemetry, events, qos_2;
	int wills; /* on topics beyond MAX_RETAINED: they are checked here, but are no messages */
	char name[];
};

static struct device *devices[BUCKETS];

static struct device *device_of(const char *name)
{
	uint32_t hash = 2166136261u;
	for(const char *at = name; *at; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
	struct device **bucket = &devices[hash % BUCKETS];
	for(struct device *device = *bucket; device; device = device->next){
		if(!strcmp(device->name, name)) return device;
	}
	struct device *device = calloc(1, sizeof(*device) + strlen(name) + 1);
	if(device){
		strcpy(device->name, name);
		device->next = *bucket;
		*bucket = device;
	}
	return device;
}

/* Whether the text is one of at most `most` different ones. */
static bool within(struct texts *texts, const char *text, int most)
{
	for(int i = 0; i < texts->count; i++){
		if(!strcmp(texts->known[i], text)) return true;
	}
	if(texts->count >= most || strlen(text) > MAX_LENGTH) return false;
	char **longer = realloc(texts->known, sizeof(char *) * (size_t)(texts->count + 1));
	if(!longer) return false;
	texts->known = longer;
	if(!(longer[texts->count] = strdup(text))) return false;
	texts->count++;
	return true;
}

static bool in_pace(struct used *used, const struct pace *pace, uint32_t length)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	double left = used->bytes - (at - used->at) * pace->a_second;
	used->bytes = left > 0 ? left : 0;
	used->at = at;
	if(used->bytes + length > pace->at_once) return false;
	used->bytes += length;
	return true;
}

static bool is_telemetry(const char *topic)
{
	const char *last = strrchr(topic, '/');
	return last && !strcmp(last, "/telemetry");
}

static void forget(struct texts *texts, const char *text)
{
	for(int i = 0; i < texts->count; i++){
		if(strcmp(texts->known[i], text)) continue;
		free(texts->known[i]);
		texts->known[i] = texts->known[--texts->count];
		return;
	}
}

/* Whether a filter is one of those that hear a device's own receipts and commands. There are few, so they are not
 * counted, and a device that has used up its subscriptions can still hear what became of its alarm. */
static bool is_own_down(const char *filter, const char *name)
{
	const char *const ends[] = {"#", "+", "receipt", "command"};
	const char *down = strstr(filter, "/down/");
	size_t length = strlen(name);
	if(!down || (size_t)(down - filter) < length || strncmp(down - length, name, length)) return false;
	for(size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++){
		if(!strcmp(down + strlen("/down/"), ends[i])) return true;
	}
	return false;
}

static bool publishes_too_much(struct device *device, const struct evt_acl_check *asked)
{
	bool telemetry = is_telemetry(asked->topic);
	struct used *used = telemetry ? &device->telemetry : &device->events;
	if(asked->qos == 2 && asked->payloadlen > MAX_QOS_2 && !in_pace(&device->qos_2, &QOS_2, asked->payloadlen)) return true;
	return !in_pace(used, telemetry ? &TELEMETRY : &EVENTS, asked->payloadlen);
}

static int on_acl_check(int event, void *event_data, void *userdata)
{
	const struct evt_acl_check *asked = event_data;
	bool subscribes = asked->access == SUBSCRIBE, publishes = asked->access == WRITE;
	bool is_long = publishes && asked->payloadlen > SHORT, is_kept = publishes && asked->retain && asked->payloadlen;
	(void)event;
	(void)userdata;
	if(!subscribes && !is_long && !is_kept) return DEFER;

	const char *name = mosquitto_client_username(asked->client);
	struct device *device = name ? device_of(name) : NULL;
	if(!device || (subscribes && !strncmp(asked->topic, "$share/", 7))) return DENIED;
	if(subscribes){
		if(is_own_down(asked->topic, name)) return DEFER;
		return within(&device->filters, asked->topic, MAX_FILTERS) ? DEFER : DENIED;
	}
	if(is_long && publishes_too_much(device, asked)) return DENIED;
	if(!is_kept || within(&device->retained, asked->topic, MAX_RETAINED)) return DEFER;
	return ++device->wills > MAX_RETAINED ? DENIED : DEFER; /* on_message takes a message from the count again */
}

/* Called for messages that the access file allows; not for wills. */
static int on_message(int event, void *event_data, void *userdata)
{
	struct evt_message *message = event_data;
	(void)event;
	(void)userdata;
	if(!message->retain) return SUCCESS;

	const char *name = mosquitto_client_username(message->client);
	struct device *device = name ? device_of(name) : NULL;
	if(device && message->payloadlen == 0) forget(&device->retained, message->topic); /* it clears the topic */
	else if(!device || !within(&device->retained, message->topic, 0)){
		message->retain = false;
		if(device && device->wills > 0) device->wills--;
	}
	return SUCCESS;
}

int mosquitto_plugin_version(int count, const int *versions)
{
	for(int i = 0; i < count; i++){
		if(versions[i] == 5) return 5;
	}
	return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *id, void **userdata, struct mosquitto_opt *options, int option_count)
{
	(void)userdata;
	(void)options;
	(void)option_count;
	int failed = mosquitto_callback_register(id, ACL_CHECK, on_acl_check, NULL, NULL);
	return failed ? failed : mosquitto_callback_register(id, MESSAGE, on_message, NULL, NULL);
}

int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count)
{
	(void)userdata;
	(void)options;
	(void)option_count;
	for(int i = 0; i < BUCKETS; i++){
		for(struct device *device = devices[i], *next; device; device = next){
			next = device->next;
			for(int n = 0; n < device->filters.count; n++) free(device->filters.known[n]);
			for(int n = 0; n < device->retained.count; n++) free(device->retained.known[n]);
			free(device->filters.known);
			free(device->retained.known);
			free(device);
		}
		devices[i] = NULL;
	}
	return SUCCESS;
}
